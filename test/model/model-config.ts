import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const MODEL_FOLDER: string = fileURLToPath(new URL("../../docs/model/", import.meta.url));

/** What TLC is given: a module, its sizes and rules, and how it must end. */
export type ModelConfig = {
  readonly name: string;
  /** `safe`: the protocol as it is, in which everything holds; `broken`: a variant that lacks one rule. */
  readonly kind: "safe" | "broken";
  readonly file: string;
  /** What it tries, in words: the first comment of the file. */
  readonly says: string;
  readonly module: string;
  /** The property that must be seen to fail; `holds` where none may. */
  readonly expected: string;
  /** What is checked. */
  readonly properties: readonly string[];
  readonly liveness: boolean;
  readonly symmetry: boolean;
  readonly constants: readonly string[];
};

/** All of them: first those that must hold. */
export function modelConfigs(): ModelConfig[] {
  return (["safe", "broken"] as const).flatMap((kind) =>
    readdirSync(join(MODEL_FOLDER, kind))
      .filter((file) => file.endsWith(".cfg"))
      .sort()
      .map((file) => readConfig(kind, join(MODEL_FOLDER, kind, file))),
  );
}

function readConfig(kind: ModelConfig["kind"], file: string): ModelConfig {
  const text = readFileSync(file, "utf8");
  const comment = text.split("\n").filter((line) => line.startsWith("\\* "));
  const field = (name: string): string => {
    const line = comment.find((found) => found.startsWith(`\\* ${name}: `));
    if (line === undefined) throw new Error(`${file} has no line "\\* ${name}: …"`);
    return line.slice(name.length + 5);
  };
  const words = (name: string): string[] =>
    [...text.matchAll(new RegExp(`^${name} (.*)$`, "gm"))].flatMap(([, found = ""]) => found.split(" "));
  return {
    name: basename(file, ".cfg"),
    kind,
    file,
    says: comment
      .filter((line) => !/^\\\* (module|expected): /.test(line))
      .map((line) => line.slice(3))
      .join(" "),
    module: field("module"),
    expected: field("expected"),
    properties: [...words("INVARIANTS"), ...words("PROPERTIES")],
    liveness: words("SPECIFICATION").includes("FairSpec"),
    symmetry: words("SYMMETRY").length > 0,
    constants: [...text.matchAll(/^ {4}(\w+) (?:=|<-) /gm)].map(([, name = ""]) => name),
  };
}
