/** Names of a date of birth, in the languages of Europe, then others. A space stands for a space, a hyphen, an underscore or nothing. */
export const BIRTH_NAMES = [
  'date of birth|birth date|dob|d.o.b.|d.o.b|birthday|born|geburtsdatum|geburtstag|geboren|geb.|date de naissance|né le|née le|né à|née à',
  'fecha de nacimiento|fecha nacimiento|nacido|nacida|nací|nació|data de nascimento|nascido|nascida|nasci|data di nascita|nato il|nata il|nato a|nata a',
  'geboortedatum|födelsedatum|född|fødselsdato|født|syntymäaika|data urodzenia|urodzony|urodzona|datum narození|narozen|narozena|dátum narodenia|születési dátum|született',
  'data nașterii|născut|născută|datum rođenja|datum rojstva|ημερομηνία γέννησης|doğum tarihi|дата рождения|родился|родилась|дата народження|дата на раждане|датум рођења',
  'ngày sinh|tanggal lahir|tarikh lahir|วันเกิด|जन्म तिथि|تاريخ الميلاد|תאריך לידה|تاریخ تولد|生年月日|出生日期|生日|생년월일',
];
