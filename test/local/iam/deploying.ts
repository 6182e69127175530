import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect } from "vitest";
import { Iam } from "../../../local/iam/iam.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { services } from "../template/services.ts";
import type { Resources } from "./resources.ts";

const assetFolders = new Map([
  ["stage.zip", fileURLToPath(new URL("../template/app/asset.stage", import.meta.url))],
]);

/** Deploys templates, into new services for each test of the file. */
export type Deploying = {
  /** The services of the test that runs. */
  readonly into: Services;
  readonly formation: CloudFormation;
  readonly deploy: (template: Resources) => ReturnType<CloudFormation["update"]>;
  /** Services from now on whose functions may do all. */
  readonly unguarded: () => void;
};

/** Called at the top of a file. */
export function deploying(): Deploying {
  let into: Services;
  let formation: CloudFormation;
  beforeEach(() => {
    into = services();
    formation = new CloudFormation(into);
  });
  afterEach(async () => {
    await Promise.all(into.sources.map((source) => source.close()));
    await into.lambda.close();
  });
  return {
    get into() {
      return into;
    },
    get formation() {
      return formation;
    },
    deploy: (template) =>
      formation.update([{ name: "App", template: { Resources: template }, assetFolders }]),
    unguarded: () => {
      into = { ...into, iam: new Iam({ clock: systemClock, mode: "off" }) };
      formation = new CloudFormation(into);
    },
  };
}

export const denied = (message: string): unknown =>
  expect.objectContaining({ code: "LOCAL_ACCESS_DENIED", message: expect.stringContaining(message) });
