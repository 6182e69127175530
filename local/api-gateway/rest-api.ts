import { ServiceError } from "../models/service-error.ts";
import { RouteTree } from "./route-tree.ts";

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
  readonly integration: Integration;
  /** Whether a valid `x-api-key` header is asked for. */
  readonly apiKeyRequired: boolean;
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
  readonly #stages = new Map<string, Readonly<Record<string, string>>>();

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

  /** @param httpMethod - a verb, or ANY */
  addMethod(resourceId: string, httpMethod: string, method: Method): void {
    this.routes.add(this.#pathOf(resourceId) || "/", httpMethod, method);
  }

  removeMethod(resourceId: string, httpMethod: string): void {
    this.routes.remove(this.#pathOf(resourceId) || "/", httpMethod);
  }

  removeStage(name: string): void {
    this.#stages.delete(name);
  }

  addStage(name: string, variables: Readonly<Record<string, string>>): void {
    this.#stages.set(name, variables);
  }

  /** The stage's variables; undefined where there is no such stage. */
  stage(name: string): Readonly<Record<string, string>> | undefined {
    return this.#stages.get(name);
  }

  stageNames(): readonly string[] {
    return [...this.#stages.keys()];
  }

  #pathOf(resourceId: string): string {
    return this.#paths.get(resourceId) ?? "";
  }
}
