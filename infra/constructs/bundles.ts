import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Construct } from "constructs";
import { type BuiltFile, buildHandlers } from "./build-handler.ts";
import { Bundle } from "./bundle.ts";

/** The Lambda functions' folders. */
export type HandlerName = "ingest" | "stage" | "lake" | "clock" | "query";

export type BundlesProps = {
  /** Absolute path of the module that exports the `app` that the plan is of. @default the shipped samples */
  readonly pipelines?: string | undefined;
  /** Absolute path of the folder with `<name>/handler.ts` for each function. @default the shipped handlers */
  readonly functions?: string | undefined;
};

/** A bundle for each handler that a stack uses; all stages share one. */
export class Bundles extends Construct {
  readonly #props: BundlesProps;
  readonly #made = new Map<HandlerName, Bundle>();
  #built: ReadonlyMap<string, readonly BuiltFile[]> = new Map();

  constructor(scope: Construct, id: string, props: BundlesProps = {}) {
    super(scope, id);
    this.#props = props;
  }

  /** Builds what will be asked for, all at once. */
  prepare(names: readonly HandlerName[]): void {
    const { functions = SHIPPED, pipelines } = this.#props;
    const entries = new Map(names.map((name) => [name, this.#entryOf(name)]));
    this.#built = buildHandlers(entries, dirname(functions), { pipelines });
  }

  of(name: HandlerName): Bundle {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const { functions = SHIPPED, pipelines } = this.#props;
    const bundle = new Bundle(this, name, {
      entry: this.#entryOf(name),
      root: dirname(functions),
      pipelines,
      files: this.#built.get(name),
    });
    this.#made.set(name, bundle);
    return bundle;
  }

  #entryOf(name: HandlerName): string {
    const { functions = SHIPPED } = this.#props;
    return join(functions, name, `handler${EXTENSION}`);
  }
}

const SHIPPED = fileURLToPath(new URL("../../functions", import.meta.url));
/** `.ts` in a clone, `.js` in the published package. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
