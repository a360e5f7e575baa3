/**
 * All kinds of personal data that `redactPersonalData` finds. `id`: numbers of persons, passports, tax payers, bank accounts, vehicles and
 * phones (IMEI). `location`: coordinates.
 */
export const PERSONAL_DATA_KINDS = [
  'secret',
  'email',
  'iban',
  'card',
  'birthdate',
  'location',
  'id',
  'ip',
  'phone',
] as const;

export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];
