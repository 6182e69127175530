import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Loaded before a CDK app (`--import`) by whoever synthesizes it again and again.
 *
 * - `MILLRACE_WARM_START`: a folder in which to tell what happens: `loaded.json` (paths of the app's own modules)
 *   and `thrown.json` when the process ends.
 * - `MILLRACE_WAITS`: where set, the process loads what every app needs and makes one stack, so that it is compiled;
 *   writes `ready` into the folder, waits for a line on stdin, and only then lets the app begin, so that it reads its
 *   sources as they are at that moment.
 * - `MILLRACE_NODE_OPTIONS`: what NODE_OPTIONS was, for the app and its children.
 */
const EXTENSION = extname(fileURLToPath(import.meta.url));
const {
  MILLRACE_WARM_START: folder,
  MILLRACE_WAITS: waits,
  MILLRACE_NODE_OPTIONS: options = "",
} = process.env;
const [, main = ""] = process.argv;

// the command may be that of a tool (npx, tsx), which starts the app: its process hands all this on to its child
if (folder !== undefined && (!isInstalled(main) || main === besideThis("default-app"))) {
  if (options === "") delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = options;
  delete process.env["MILLRACE_WARM_START"];
  tellWhatIsThrown(folder);
  if (waits !== undefined) {
    await makeAStack();
    writeFileSync(join(folder, "ready"), "");
    await aLineOnStdin();
  }
  tellWhatIsLoaded(folder);
}

async function makeAStack(): Promise<void> {
  const { App } = await import("aws-cdk-lib");
  const { MillraceStack } = await import("../index.ts");
  const { planApplication } = await import("../../shared/plan/planner.ts");
  const { count, hours, pipeline, stream, tumbling, view, application, lake } = await import(
    "../../shared/index.ts"
  );
  const schema = {
    "~standard": { version: 1 as const, vendor: "millrace", validate: (value: unknown) => ({ value }) },
  };
  const events = stream("events", { schema, time: () => 0, key: () => "", partitions: 1 });
  const counts = pipeline("counts", (p) => {
    const results = p
      .from(events)
      .keyBy(() => "")
      .window(tumbling(hours(1)), { id: "hourly" })
      .aggregate({ n: count() });
    results.to(view("counts", { key: (r) => r.key }));
    results.to(lake("counts"));
  });
  const { plan } = planApplication(application("warm", { streams: [events], pipelines: [counts] }));
  const place = mkdtempSync(join(tmpdir(), "millrace-warm-"));
  try {
    const app = new App({ outdir: join(place, "out"), autoSynth: false, analyticsReporting: false });
    new MillraceStack(app, "warm", { plan, functions: emptyHandlers(place) });
    app.synth();
  } finally {
    rmSync(place, { recursive: true });
  }
}

function emptyHandlers(place: string): string {
  const functions = join(place, "functions");
  for (const name of ["ingest", "stage", "lake", "clock", "query"]) {
    mkdirSync(join(functions, name), { recursive: true });
    writeFileSync(join(functions, name, `handler${EXTENSION}`), "export const handler = 0;");
  }
  return functions;
}

/** Ends the process where nobody is left who could write one. */
function aLineOnStdin(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const left = () => process.exit(1);
  process.stdin.once("end", left);
  process.stdin.once("data", () => {
    process.stdin.off("end", left);
    process.stdin.destroy();
    resolve();
  });
  return promise;
}

function tellWhatIsLoaded(place: string): void {
  const loaded = new Set<string>();
  registerHooks({
    load: (url, context, next) => {
      if (url.startsWith("file:")) loaded.add(fileURLToPath(url));
      return next(url, context);
    },
  });
  process.once("exit", () => {
    const own = [...loaded].filter((file) => !isInstalled(file));
    writeFileSync(join(place, "loaded.json"), JSON.stringify(own));
  });
}

function tellWhatIsThrown(place: string): void {
  process.on("uncaughtExceptionMonitor", (thrown: unknown) => {
    const { name, message, code, errors, stack } = Object(thrown) as Readonly<Record<string, unknown>>;
    writeFileSync(
      join(place, "thrown.json"),
      JSON.stringify({ name, message: message ?? String(thrown), code, errors, stack }),
    );
  });
}

function isInstalled(file: string): boolean {
  return file.includes(`${sep}node_modules${sep}`);
}

function besideThis(name: string): string {
  return fileURLToPath(new URL(`./${name}${EXTENSION}`, import.meta.url));
}
