import { modelConfigs } from "../../model/model-config.ts";
import { jsonOf } from "../json-output.ts";
import type { Part } from "../part.ts";

type Line = {
  readonly name: string;
  readonly kind: "safe" | "broken";
  readonly expected: string;
  readonly verdict: string;
  readonly what: string;
  readonly states: number;
  readonly distinct: number;
  readonly depth: number;
  readonly seconds: number;
  readonly asExpected: boolean;
};

/** Most of all states are in these two. */
const LARGE: readonly string[] = ["stage-crashes", "stage-truncation"];
const small = (): string[] => modelConfigs().flatMap(({ name }) => (LARGE.includes(name) ? [] : [name]));

/** The model check: `npm run model`. */
export const model: Part = {
  id: "model",
  commands: (scale) => [["npm", "run", "-s", "model", "--", "--json", ...(scale === "quick" ? small() : [])]],
  read: ([output]) => {
    const lines = jsonOf<readonly Line[]>(output);
    const of = (kind: Line["kind"]): readonly Line[] => lines.filter((line) => line.kind === kind);
    const met = (some: readonly Line[]): number => some.filter(({ asExpected }) => asExpected).length;
    const [safe, broken] = [of("safe"), of("broken")];
    const states = safe.reduce((sum, line) => sum + line.states, 0);
    return {
      held: output?.code === 0 && safe.length > 0 && broken.length > 0 && met(lines) === lines.length,
      sentence: `${met(safe)} of ${safe.length} sizes of the protocol as it is hold in all of ${states.toLocaleString("en")} states; ${met(broken)} of ${broken.length} variants without one rule are seen to fail, each by the property that it should.`,
      table: {
        columns: ["config", "states", "distinct", "depth", "seconds", "verdict"],
        rows: lines.map(({ name, states, distinct, depth, seconds, verdict, what, asExpected }) => [
          name,
          states,
          distinct,
          depth,
          seconds,
          `${verdict === "violated" ? `violates \`${what}\`` : verdict}${asExpected ? "" : ", **not expected**"}`,
        ]),
      },
    };
  },
};
