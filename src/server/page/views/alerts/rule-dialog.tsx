import { useEffect, useState } from 'preact/hooks';
import type { ListedRule } from '../../../insights/alerts/alert-list.js';
import { readingText } from '../../../insights/alerts/alert-texts.js';
import { KNOWN_DIMENSIONS } from '../../../model/measure/dimensions.js';
import type { ApiResponse } from '../../data/api.js';
import { getResource, putDocument } from '../../data/api.js';
import { pageSettings } from '../../browser/page-settings.js';
import { toApiError } from '../../data/api-error.js';
import { SeenDocument } from '../../data/seen-document.js';
import { Dialog } from '../../parts/dialog.js';
import { MEASURES, ruleText, toRule, type RuleFields } from './rule-fields.js';

const KIND = 'rule';
/** Pause in typing after which the preview is asked for. */
const PREVIEW_MS = 400;
const MAX_LISTED = 5;

interface RuleDialogProps {
  /** Undefined: a new one. */
  readonly rule?: ListedRule;
  readonly fields: RuleFields;
  readonly onClose: (isChanged: boolean) => void;
}

/** Edits a rule, and shows what it would measure now. */
export function RuleDialog({ rule, fields: given, onClose }: RuleDialogProps) {
  const [fields, setFields] = useState(given);
  const [problem, setProblem] = useState<string>();
  const { mayNotEdit } = pageSettings();
  const [seen] = useState(
    () => new SeenDocument({ kind: KIND, name: rule?.name ?? '' }, rule?.version ?? 0, ruleText),
  );
  const set = (changes: Partial<RuleFields>): void => setFields({ ...fields, ...changes });
  const run = (work: Promise<void>): void => {
    work.then(
      () => onClose(true),
      (error: unknown) => setProblem(toApiError(error).message),
    );
  };
  const save = async (): Promise<void> => {
    const value = toRule(fields);
    const name = rule?.name ?? fields.title.trim();
    await seen.change((version) => putDocument(KIND, name, value, version), name);
  };
  return (
    <Dialog title={rule ? 'Rule of an alert' : 'New rule of an alert'} onClose={() => onClose(false)}>
      <form
        class="rule-editor"
        onSubmit={(event) => {
          event.preventDefault();
          run(save());
        }}
      >
        <fieldset disabled={mayNotEdit}>
          <legend class="visually-hidden">Rule</legend>
          <Field label="Name">
            <input
              required
              maxLength={200}
              value={fields.title || (rule?.name ?? '')}
              onInput={({ currentTarget: { value } }) => set({ title: value })}
            />
          </Field>
          <What fields={fields} set={set} />
          <Field
            label="Filters"
            hint="As in the address of this page: prop.plan=pro&model=gpt-4o. Empty: all records."
          >
            <input
              spellcheck={false}
              value={fields.filters}
              onInput={({ currentTarget: { value } }) => set({ filters: value })}
            />
          </Field>
          <label class="check">
            <input
              type="checkbox"
              checked={fields.isPaused}
              onChange={({ currentTarget: { checked } }) => set({ isPaused: checked })}
            />
            Paused
          </label>
        </fieldset>
        <Preview fields={fields} />
        {problem !== undefined && <p role="alert">{problem}</p>}
        {!mayNotEdit && (
          <div class="dialog-actions">
            {rule && (
              <button type="button" class="danger" onClick={() => run(seen.remove())}>
                Delete
              </button>
            )}
            <button type="button" onClick={() => onClose(false)}>
              Cancel
            </button>
            <button type="submit">Save</button>
          </div>
        )}
      </form>
    </Dialog>
  );
}

interface WhatProps {
  readonly fields: RuleFields;
  readonly set: (changes: Partial<RuleFields>) => void;
}

/** Fields for the measure, its subject and the bounds. */
function What({ fields, set }: WhatProps) {
  const { measure, by } = fields;
  return (
    <>
      <Field label="Measure">
        <select value={measure} onChange={({ currentTarget: { value } }) => set({ measure: value })}>
          {MEASURES.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          {MEASURES.every(({ name }) => name !== measure) && <option value={measure}>{measure}</option>}
        </select>
      </Field>
      <Field label="Of">
        <select value={by} onChange={({ currentTarget: { value } }) => set({ by: value })}>
          <option value="">All records together</option>
          {KNOWN_DIMENSIONS.filter(({ name }) => name !== 'thread').map(({ name, title }) => (
            <option key={name} value={name}>
              Each {title.toLowerCase()}
            </option>
          ))}
          {by !== '' && KNOWN_DIMENSIONS.every(({ name }) => name !== by) && <option value={by}>{by}</option>}
        </select>
      </Field>
      <div class="rule-row">
        <Field label="Alerting">
          <select
            value={fields.direction}
            onChange={({ currentTarget: { value } }) =>
              set({ direction: value === 'below' ? 'below' : 'above' })
            }
          >
            <option value="above">above</option>
            <option value="below">below</option>
          </select>
        </Field>
        <Text label="Threshold" name="threshold" fields={fields} set={set} />
        <Text label="In the last" name="window" fields={fields} set={set} hint="15m, 24h, 7d" />
      </div>
      <div class="rule-row">
        <Text label="With at least" name="minimum" fields={fields} set={set} hint="requests or calls; 1" />
        <Text label="For at least" name="hold" fields={fields} set={set} hint="0s to 7d; 5m" />
      </div>
    </>
  );
}

interface TextProps extends WhatProps {
  readonly label: string;
  readonly name: 'threshold' | 'window' | 'minimum' | 'hold';
  readonly hint?: string;
}

function Text({ label, name, hint, fields, set }: TextProps) {
  return (
    <Field label={label}>
      <input
        size={8}
        value={fields[name]}
        placeholder={hint}
        onInput={({ currentTarget: { value } }) => set({ [name]: value })}
      />
    </Field>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly children: preact.ComponentChildren;
}

function Field({ label, hint, children }: FieldProps) {
  return (
    <label class="rule-field">
      <span>{label}</span>
      {children}
      {hint !== undefined && <small class="muted">{hint}</small>}
    </label>
  );
}

/** Present value of the rule, or its fault. */
function Preview({ fields }: { readonly fields: RuleFields }) {
  const [preview, setPreview] = useState<ApiResponse<'alerts/preview'> | string>();
  const rule = JSON.stringify(toRule(fields));
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      getResource('alerts/preview', new URLSearchParams({ rule }).toString(), abort.signal).then(
        setPreview,
        (error: unknown) => {
          if (!abort.signal.aborted) setPreview(toApiError(error).message);
        },
      );
    }, PREVIEW_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [rule]);
  return (
    <div class="rule-preview" role="status">
      {preview === undefined && <p class="muted">Measuring …</p>}
      {typeof preview === 'string' && <p class="muted">{preview}</p>}
      {typeof preview === 'object' && <Measured preview={preview} measure={fields.measure} />}
    </div>
  );
}

interface MeasuredProps {
  readonly preview: ApiResponse<'alerts/preview'>;
  readonly measure: string;
}

function Measured({ preview: { text, reading }, measure }: MeasuredProps) {
  const met = reading.groups.filter(({ isMet }) => isMet).length;
  return (
    <>
      <p>
        <strong>{met > 0 ? 'Would be alerting now' : 'Would be OK now'}</strong>: {text}
      </p>
      <ul>
        {reading.groups.slice(0, MAX_LISTED).map((one) => (
          <li key={one.group}>
            {one.group === null ? '' : `${one.group}: `}
            {readingText(measure, one)}
            {one.isMet ? ' – alerting' : one.isEnough ? '' : ' – too little to say'}
          </li>
        ))}
        {reading.groups.length > MAX_LISTED && (
          <li class="muted">… and {reading.groups.length - MAX_LISTED} more</li>
        )}
      </ul>
    </>
  );
}
