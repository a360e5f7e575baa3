/** Values of the label of a sentiment and of an outcome. */
export const SENTIMENTS = ['positive', 'neutral', 'negative', 'unclear'] as const;
export const OUTCOMES = ['done', 'partly', 'not done', 'unclear'] as const;

/** Value of any label: there is not enough to say. */
export const UNCLEAR = 'unclear';
