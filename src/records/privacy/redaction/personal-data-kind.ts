/** All kinds of personal data that `redactPersonalData` finds. `id`: numbers of persons, of passports and of tax payers. */
export const PERSONAL_DATA_KINDS = ['secret', 'email', 'iban', 'card', 'id', 'ip', 'phone'] as const;

export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];
