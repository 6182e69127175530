import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Construct } from "constructs";
import { Bundle } from "./bundle.ts";

/** The Lambda functions' folders. */
export type HandlerName = "ingest" | "stage" | "lake" | "clock" | "query";

/** A bundle for each handler that a stack uses; all stages share one. */
export class Bundles extends Construct {
  readonly #folder: string;
  readonly #made = new Map<HandlerName, Bundle>();

  /** @param folder - absolute path of the folder with `<name>/handler.ts`. Default: the shipped handlers. */
  constructor(scope: Construct, id: string, folder: string = SHIPPED) {
    super(scope, id);
    this.#folder = folder;
  }

  of(name: HandlerName): Bundle {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const entry = join(this.#folder, name, "handler.ts");
    const bundle = new Bundle(this, name, { entry, root: dirname(this.#folder) });
    this.#made.set(name, bundle);
    return bundle;
  }
}

const SHIPPED = fileURLToPath(new URL("../../functions", import.meta.url));
