import type { TracerProvider } from '@opentelemetry/api';
import type { TrubricsStats } from '../pipeline/trubrics-stats.js';
import type { SpanExplanation } from '../reading/advice/span-explanation.js';
import type { FeedbackInput } from '../records/feedback/to-feedback-event.js';

/** Takes the spans of a handler, and sends their records if there is a destination. */
export interface RecordSink {
  readonly tracerProvider: TracerProvider;
  flush(): Promise<void>;
  /** Ends the use by one handler. The second call for a handler does nothing but flush. */
  release(): Promise<void>;
  stats(): TrubricsStats;
  explain(): SpanExplanation[];
  trackFeedback(feedback: FeedbackInput): void;
}
