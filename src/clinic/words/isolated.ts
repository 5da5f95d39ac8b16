/**
 * What is put into a sentence and runs from right to left is marked so that it turns nothing around it (UAX #9, FSI and
 * PDI); everything else is as it was.
 */
export function isolated(value: string): string {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
