import type { ComponentChildren } from 'preact';
import type { ApiError } from '../../data/api-error.js';
import { Link } from '../../parts/link.js';

/** A view that explains an answer. */
export interface Explanation {
  readonly name: string;
  readonly href: string;
}

/** Props of an answer. */
export interface AnswerProps {
  readonly params: URLSearchParams;
  /** Query of the API, but for the part. */
  readonly query: string;
  /** Grows with each record that arrives. */
  readonly changes: number;
}

interface AnswerCardProps {
  readonly question: string;
  /** The answer in plain words; undefined while it is loaded. */
  readonly answer: ComponentChildren;
  readonly error: ApiError | undefined;
  readonly onRetry: () => void;
  readonly explanations: readonly Explanation[];
  readonly children?: ComponentChildren;
}

/** One question with its answer. While it is loaded, the place for it is there. */
export function AnswerCard({ question, answer, error, onRetry, explanations, children }: AnswerCardProps) {
  return (
    <section class="card answer" aria-label={question} aria-busy={answer === undefined && !error}>
      <h2>{question}</h2>
      {answer !== undefined && (
        <p class="answer-text">{typeof answer === 'string' ? withWholeNumbers(answer) : answer}</p>
      )}
      {answer === undefined && !error && <p class="muted">Counting …</p>}
      {answer === undefined && error && (
        <p role="alert">
          {error.message}{' '}
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
      {answer !== undefined && children}
      {explanations.length > 0 && (
        <p class="explanations">
          {explanations.map(({ name, href }) => (
            <Link key={name} href={href}>
              {name}
            </Link>
          ))}
        </p>
      )}
    </section>
  );
}

/** Keeps each number on one line with its unit. */
function withWholeNumbers(text: string): ComponentChildren {
  return text.split(/(\d (?:%|(?:ms|[smhd])\b))/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span key={index} class="unbroken">
        {part}
      </span>
    ),
  );
}

/** Says what to send, so that a question can be answered. */
export function Hint({ children }: { readonly children: ComponentChildren }) {
  return <p class="hint muted">{children}</p>;
}
