import { ServiceError } from "../models/service-error.ts";
import { RouteTree } from "./route-tree.ts";
import type { Throttle } from "./throttles.ts";

/** What a method does with a request. */
export type Integration =
  | {
      readonly kind: "lambda";
      readonly functionArn: string;
      readonly timeoutMs: number;
      /** The role as which the function is invoked; without it the function's own policy must let the gateway in. */
      readonly roleArn?: string;
    }
  /** Answers by itself, as CDK's CORS preflight does. */
  | { readonly kind: "mock"; readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** One method of one resource. */
export type Method = {
  /** A verb, or ANY. */
  readonly httpMethod: string;
  readonly integration: Integration;
  /** Whether a request must be signed by somebody who may invoke the method. */
  readonly iamAuthorization: boolean;
  /** Whether a valid `x-api-key` header is asked for. */
  readonly apiKeyRequired: boolean;
};

/** How a stage serves the API. */
export type Stage = {
  readonly variables: Readonly<Record<string, string>>;
  /** Limits of each method, by resource and method as `/streams/{stream}/POST`; `*` stands for all that have none. */
  readonly throttles: Readonly<Record<string, Throttle>>;
};

export type RestApiOptions = {
  readonly id: string;
  /** What its metrics are known by. */
  readonly name: string;
  /** Content types whose bodies reach the function in base64; a star matches every type. */
  readonly binaryMediaTypes: readonly string[];
  /** When set, compressed request bodies are unpacked before the function sees them. */
  readonly minimumCompressionBytes: number | undefined;
};

/** One REST API: resources in a tree, methods on them, stages over all of it. */
export class RestApi {
  options: RestApiOptions;
  readonly rootResourceId: string;
  readonly routes: RouteTree<Method> = new RouteTree();
  readonly #paths = new Map<string, string>();
  readonly #stages = new Map<string, Stage>();

  constructor(options: RestApiOptions) {
    this.options = options;
    this.rootResourceId = `${options.id}-root`;
    this.#paths.set(this.rootResourceId, "");
  }

  /** @throws ServiceError ConflictException, BadRequestException where the parent has a child that it excludes */
  addResource(resourceId: string, parentId: string, pathPart: string): void {
    const parent = `${this.#pathOf(parentId)}/`;
    const siblings = [...this.#paths.values()].flatMap((path) =>
      path.startsWith(parent) && !path.includes("/", parent.length) ? [path.slice(parent.length)] : [],
    );
    if (siblings.includes(pathPart)) {
      const message = `Another resource with the same parent already has this name: ${pathPart}`;
      throw new ServiceError("ConflictException", message, 409);
    }
    const variable = siblings.find((part) => part.startsWith("{"));
    if (pathPart.startsWith("{") && variable !== undefined) {
      const message = `A sibling (${variable}) of this resource already has a variable path part -- only one is allowed`;
      throw new ServiceError("BadRequestException", message);
    }
    this.#paths.set(resourceId, `${parent}${pathPart}`);
  }

  removeResource(resourceId: string): void {
    this.#paths.delete(resourceId);
  }

  addMethod(resourceId: string, method: Method): void {
    this.routes.add(this.#pathOf(resourceId) || "/", method.httpMethod, method);
  }

  removeMethod(resourceId: string, httpMethod: string): void {
    this.routes.remove(this.#pathOf(resourceId) || "/", httpMethod);
  }

  removeStage(name: string): void {
    this.#stages.delete(name);
  }

  setStage(name: string, stage: Stage): void {
    this.#stages.set(name, stage);
  }

  /** Undefined where there is no such stage. */
  stage(name: string): Stage | undefined {
    return this.#stages.get(name);
  }

  stageNames(): readonly string[] {
    return [...this.#stages.keys()];
  }

  #pathOf(resourceId: string): string {
    return this.#paths.get(resourceId) ?? "";
  }
}
