import type { Planned } from "../../shared/plan/planner.ts";
import { findAbandoned, removeAbandoned } from "../../shared/protocol/savepoint/abandoned.ts";
import { endEpoch } from "../../shared/protocol/savepoint/end-epoch.ts";
import { readSavepoint, type Savepoint } from "../../shared/protocol/savepoint/manifest.ts";
import {
  expectFit,
  type Restored,
  type RestoreOptions,
  restoreSavepoint,
} from "../../shared/protocol/savepoint/restore.ts";
import { findDeployment, type PlaceOptions } from "./deployment.ts";
import { reaching } from "./reach.ts";
import { expectApplication } from "./take.ts";

export type RestoreRequest = PlaceOptions & {
  readonly epoch?: number;
  readonly allowDroppedState?: true;
  readonly removeAbandoned?: true;
};

export type InPlace = Restored & {
  readonly savepoint: string;
  /** Of entries after the savepoint: files in lake tables and failed events, and whether they were deleted. */
  readonly abandoned: { readonly files: number; readonly failed: number; readonly removed: boolean };
};

/** Ends the epochs from the savepoint's on, and begins the one after the deployment's, or the one that is named. */
export async function restoreInPlace(
  planned: Planned,
  id: string,
  request: RestoreRequest,
): Promise<InPlace> {
  const place = await findDeployment(request);
  const { application, epoch: running } = place.deployment;
  expectApplication(planned, application);
  const epoch = request.epoch ?? running + 1;
  return reaching(place, planned, async (reach) => {
    const { env, failedStore } = reach;
    const savepoint = await readSavepoint(env.blobs, application, id);
    const options: RestoreOptions = {
      savepoint,
      from: env.blobs,
      planned,
      env: { ...env, epoch },
      allowDroppedState: request.allowDroppedState ?? false,
    };
    expectFit(options);
    for (let ended = savepoint.epoch; ended < epoch; ended += 1)
      await endEpoch(env, stagesOf(planned, savepoint), ended);
    const restored = await restoreSavepoint(options);
    const abandoned = await findAbandoned(env.blobs, failedStore, planned, savepoint, epoch);
    const removed = request.removeAbandoned ?? false;
    if (removed) await removeAbandoned(env.blobs, failedStore, abandoned);
    const failed = [...abandoned.failed.values()].reduce((n, ids) => n + ids.length, 0);
    return { ...restored, savepoint: id, abandoned: { files: abandoned.files.length, failed, removed } };
  });
}

/** Those that are planned now, and those that were. */
const stagesOf = (planned: Planned, { stages }: Savepoint): { id: string; partitions: number }[] => [
  ...new Map(
    [...stages.map(({ plan }) => plan), ...planned.stages.values()].map(({ id, partitions }) => [
      id,
      { id, partitions },
    ]),
  ).values(),
];

export type ForkRequest = PlaceOptions & {
  /** The other deployment's outputs, a file; or the address of a local cloud. */
  readonly to: string;
  readonly toEndpoint?: string;
  readonly toStack?: string;
  readonly epoch?: number;
  readonly allowDroppedState?: true;
};

export type Forked = Restored & { readonly savepoint: string; readonly application: string };

/** Begins another deployment with a savepoint of this one, which is left as it is. */
export async function forkInto(planned: Planned, id: string, request: ForkRequest): Promise<Forked> {
  const place = await findDeployment(request);
  const isCloud = /^https?:/.test(request.to);
  const target = await findDeployment({
    outputs: isCloud ? undefined : request.to,
    endpoint: isCloud ? request.to : (request.toEndpoint ?? request.endpoint),
    stack: request.toStack,
  });
  expectApplication(planned, target.deployment.application);
  const epoch = request.epoch ?? target.deployment.epoch;
  const sameCloud = place.endpoint === target.endpoint;
  return reaching(place, planned, ({ env: { blobs } }) =>
    reaching(target, planned, async ({ env }) => {
      const savepoint = await readSavepoint(blobs, place.deployment.application, id);
      const restored = await restoreSavepoint({
        savepoint,
        from: blobs,
        planned,
        env: { ...env, epoch },
        allowDroppedState: request.allowDroppedState ?? false,
        sameStream: (stream) =>
          sameCloud && savepoint.streams[stream] !== undefined
            ? savepoint.streams[stream] === target.deployment.streams[stream]
            : false,
      });
      return { ...restored, savepoint: id, application: target.deployment.application };
    }),
  );
}
