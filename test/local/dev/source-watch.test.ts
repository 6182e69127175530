import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SourceWatch } from "../../../local/dev/source-watch.ts";
import { systemClock } from "../../../shared/time/clock.ts";

let place: string;
let watch: SourceWatch;
let changes = 0;
let next = Promise.withResolvers<void>();

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "millrace-watch-"));
  for (const folder of ["project/pipelines/deep", "project/node_modules/zod", "project/data", "beside"])
    mkdirSync(join(place, folder), { recursive: true });
  write("project/pipelines/index.ts", "1");
  write("project/pipelines/deep/old.ts", "1");
  write("beside/shared.ts", "1");
  write("beside/other.ts", "1");
  changes = 0;
  next = Promise.withResolvers();
  watch = new SourceWatch({
    folder: join(place, "project"),
    ignored: [join(place, "project", "data")],
    clock: systemClock,
    onChange: () => {
      changes += 1;
      next.resolve();
      next = Promise.withResolvers();
    },
    onFailure: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  watch.close();
  rmSync(place, { recursive: true });
});

const write = (path: string, text: string): void => writeFileSync(join(place, path), text);

/** Does something and waits for the change that it is. */
async function changed(act: () => void): Promise<void> {
  const told = next.promise;
  act();
  await told;
}

test("tells of a file that is written, made, renamed or deleted, in a folder at any depth, old or new", async () => {
  await changed(() => write("project/pipelines/index.ts", "2"));
  await changed(() => write("project/pipelines/deep/old.ts", "2"));
  await changed(() => write("project/pipelines/deep/new.ts", "1"));
  await changed(() =>
    renameSync(join(place, "project/pipelines/deep/new.ts"), join(place, "project/other.ts")),
  );
  await changed(() => {
    mkdirSync(join(place, "project/more/and/more"), { recursive: true });
    write("project/more/and/more/new.ts", "1");
  });
  await changed(() => write("project/more/and/more/new.ts", "2"));
  await changed(() => rmSync(join(place, "project/more"), { recursive: true }));
  await changed(() => {
    mkdirSync(join(place, "project/more/and"), { recursive: true });
    write("project/more/and/again.ts", "1");
  });
  await changed(() => write("project/more/and/again.ts", "2"));
});

test("writes that come together are one change", async () => {
  await changed(() => {
    for (const name of ["a", "b", "c"]) write(`project/pipelines/${name}.ts`, "1");
  });
  await changed(() => write("project/pipelines/a.ts", "2"));
  expect(changes).toBe(2);
});

test("what is no source, is not to be followed, or is written as it was, is no change", async () => {
  await changed(() => {
    write("project/node_modules/zod/index.js", "1");
    write("project/data/rows.json", "1");
    write("project/.env.json", "1");
    write("project/dev.log", "1");
    write("project/pipelines/.index.ts.swp", "1");
    write("project/pipelines/deep/old.ts", "1");
    // something that is one, so that there is an end to wait for
    write("project/pipelines/index.ts", "2");
  });
  await changed(() => write("project/pipelines/deep/old.ts", "2"));
  expect(changes).toBe(2);
});

test("files that a program has read are followed wherever they are, their neighbours not", async () => {
  watch.add([join(place, "beside/shared.ts")]);
  write("beside/other.ts", "2");
  await changed(() => write("beside/shared.ts", "2"));
  await changed(() => write("project/pipelines/index.ts", "2"));
  expect(changes).toBe(2);
});
