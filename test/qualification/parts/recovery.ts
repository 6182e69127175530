import type { Figure } from "../../../bench/report.ts";
import { jsonOf } from "../json-output.ts";
import type { Part } from "../part.ts";

/** How fast a partition recovers, and what grows with its state: `npm run bench:recovery`. */
export const recovery: Part = {
  id: "recovery",
  commands: (scale) => [
    [
      ...(["npm", "run", "-s", "bench:recovery", "--", "--json"] as const),
      ...(scale === "quick"
        ? [
            "--sizes",
            "1,10",
            "--sessions",
            "10000",
            "--days",
            "1",
            "--peak",
            "200",
            "--reshard",
            "0",
            "--rounds",
            "1",
          ]
        : []),
    ],
  ],
  read: ([output]) => {
    const figures = jsonOf<readonly Figure[]>(output);
    const aimed = figures.filter(({ aim }) => aim !== undefined);
    const met = aimed.filter(isMet);
    return {
      held: output?.code === 0 && figures.length > 0 && met.length === aimed.length,
      sentence: `${met.length} of ${aimed.length} aims are met.`,
      table: {
        columns: ["figure", "value", "unit", "aim"],
        rows: figures.map((figure) => [figure.name, rounded(figure.value), figure.unit, aimText(figure)]),
      },
    };
  },
};

const isMet = ({ value, aim }: Figure): boolean =>
  aim === undefined || (aim.atLeast ? value >= aim.value : value <= aim.value);

const rounded = (value: number): number => Number(value.toPrecision(3));

const aimText = (figure: Figure): string =>
  figure.aim === undefined
    ? ""
    : `${figure.aim.atLeast ? "≥" : "≤"} ${figure.aim.value.toLocaleString("en")}: ${isMet(figure) ? "met" : "**missed**"}`;
