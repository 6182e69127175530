/** One figure of a benchmark. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it should be; from `aim` on upwards where `atLeast`, else downwards. */
  readonly aim?: { readonly value: number; readonly atLeast: boolean };
};

export const atLeast = (value: number): { value: number; atLeast: boolean } => ({ value, atLeast: true });
export const atMost = (value: number): { value: number; atLeast: boolean } => ({ value, atLeast: false });

/** The middle of the measurements: on a shared machine a mean says more of the neighbours than of the code. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Prints figures as a table, or as JSON for a program. */
export function print(figures: readonly Figure[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(figures));
    return;
  }
  const rows = figures.map(({ name, value, unit, aim }) => [name, number(value), unit, verdict(value, aim)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [name = "", value = "", unit = "", aim = ""] of rows)
    console.log(
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${unit.padEnd(widths[2] ?? 0)}  ${aim}`.trimEnd(),
    );
}

const number = (value: number): string =>
  value.toLocaleString("en", { maximumSignificantDigits: 3, useGrouping: true });

function verdict(value: number, aim: Figure["aim"]): string {
  if (aim === undefined) return "";
  const met = aim.atLeast ? value >= aim.value : value <= aim.value;
  return `aim ${aim.atLeast ? "≥" : "≤"} ${number(aim.value)}: ${met ? "met" : "missed"}`;
}
