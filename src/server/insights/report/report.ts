import type { Change } from '../compare/change.js';

/** A report about a period: what owners of an application ask, answered in words and numbers. All texts are plain, as data may hold any character. */
export interface Report {
  readonly title: string;
  /** Scope of the report: periods, source, filters. */
  readonly about: readonly string[];
  readonly sections: readonly ReportSection[];
}

export interface ReportSection {
  readonly question: string;
  /** The answer in a sentence or two. */
  readonly answer: string;
  readonly tables: readonly ReportTable[];
  /** Values over time, oldest first. */
  readonly bars?: ReportBars;
  readonly notes: readonly string[];
}

export interface ReportTable {
  readonly title: string;
  readonly rows: readonly ReportRow[];
}

export interface ReportRow {
  readonly name: string;
  readonly value: string;
  /** Change from what the period is compared with; empty if there is none. */
  readonly change: string;
  readonly judgement: Change['judgement'];
}

export interface ReportBars {
  readonly title: string;
  readonly values: readonly { readonly name: string; readonly value: number }[];
}
