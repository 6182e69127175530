import type { LambdaServiceOptions } from "../../../local/lambda/lambda-options.ts";
import { type LambdaServer, startLambda } from "../../local/lambda/lambda-server.ts";
import type { Case } from "../harness/case.ts";
import { EventScene } from "./event-scene.ts";

/** What cases are run with: each makes its own scenes. */
export type Scenes = {
  /** Runs a scene with a Lambda service whose functions are real processes, and ends it. */
  service<T>(options: Partial<LambdaServiceOptions>, run: (server: LambdaServer) => Promise<T>): Promise<T>;
  /** Runs a scene with the queue of a function's asynchronous events, in virtual time, and ends it. */
  events<T>(run: (scene: EventScene) => Promise<T>): Promise<T>;
};

export const scenes: Scenes = {
  service: async (options, run) => {
    const server = await startLambda(options);
    try {
      return await run(server);
    } finally {
      await server.close();
    }
  },
  events: async (run) => {
    const scene = new EventScene();
    try {
      return await run(scene);
    } finally {
      await scene.close();
    }
  },
};

type Documented = { readonly source: string; readonly says: string; readonly is: unknown };

/** A case of functions in processes. */
export const serviceCase = (
  name: string,
  aws: Documented,
  run: (server: LambdaServer) => Promise<unknown>,
  options: Partial<LambdaServiceOptions> = {},
): Case<Scenes> => ({ name, aws, run: (client) => client.service(options, run) });

/** A case of asynchronous events. */
export const eventCase = (
  name: string,
  aws: Documented,
  run: (scene: EventScene) => Promise<unknown>,
): Case<Scenes> => ({ name, aws, run: (client) => client.events(run) });
