import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ProjectOptions, projectIn } from "../../../local/dev/project.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-project-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string | object = ""): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof text === "string" ? text : JSON.stringify(text));
}
const project = (options: Partial<ProjectOptions> = {}) =>
  projectIn({ folder, packageFolder: "/package", work: join(folder, ".millrace"), ...options });

describe("a project is", () => {
  test("the app of its cdk.json, with its context and what was looked up for it", () => {
    write("cdk.json", { app: "node app.ts", build: "tsc", context: { a: 1, b: 1 } });
    write("cdk.context.json", { b: 2 });
    write("pipelines/index.ts");
    expect(project()).toMatchObject({ name: "cdk.json", hasSamples: false });
    const { command, build, folder: where, environment } = project().app();
    expect({ command, build, where }).toEqual({ command: "node app.ts", build: "tsc", where: folder });
    expect(JSON.parse(environment["CDK_CONTEXT_JSON"] ?? "")).toEqual({ a: 1, b: 2 });
  });

  test("without one the module of pipelines/index, or what package.json calls #pipelines", () => {
    write("pipelines/index.mjs");
    expect(project()).toMatchObject({
      name: "pipelines/index.mjs",
      module: join(folder, "pipelines/index.mjs"),
    });
    write("src/all.ts");
    for (const target of ["./src/all.ts", { types: "./src/all.d.ts", default: "./src/all.ts" }]) {
      write("package.json", { imports: { "#pipelines": target } });
      expect(project().name).toBe("src/all.ts");
    }
    expect(project().app().environment["MILLRACE_PIPELINES"]).toBe(join(folder, "src/all.ts"));
  });

  test("whatever module is named", () => {
    write("cdk.json", { app: "node app.ts" });
    write("other.ts");
    expect(project({ pipelines: "other.ts" })).toMatchObject({ module: join(folder, "other.ts") });
  });

  test("the shipped pipelines in the package's own folder, and where a sample is asked for and nothing else is there", () => {
    expect(project({ samples: true })).toMatchObject({ hasSamples: true });
    write("cdk.json", { app: "node infra/app.ts" });
    expect(project({ packageFolder: folder }).hasSamples).toBe(true);
    expect(project({ samples: true }).hasSamples).toBe(false);
  });

  test("read again each time, as its settings may change", () => {
    write("cdk.json", { app: "node one.ts" });
    const { app } = project();
    write("cdk.json", { app: "node two.ts" });
    expect(app().command).toBe("node two.ts");
  });
});

describe("nothing is run", () => {
  const refusal = (message: string) =>
    expect.objectContaining({ code: "CLI_NO_PIPELINES", message: expect.stringContaining(message) });

  test("of a folder without a project, or a module that is not there", () => {
    expect(() => project()).toThrow(refusal("neither a cdk.json nor pipelines/index.ts"));
    expect(() => project({ pipelines: "nope.ts" })).toThrow(refusal('"nope.ts" is not there'));
  });

  test.each([
    ["{", "is no JSON"],
    ["{}", "names no app"],
    ['{"app": 5}', "names no app"],
  ])("of a cdk.json that is %s", (text, message) => {
    write("cdk.json", text);
    expect(() => project().app()).toThrow(refusal(message));
  });
});
