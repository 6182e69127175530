<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
import { createHash } from "node:crypto";
import { type Integration, RestApi, type RestApiOptions } from "../../api-gateway/rest-api.ts";
import type { Properties } from "../properties.ts";
import {
  type Apply,
  inPlace,
  type Request,
  type ResourceKind,
  replacement,
  withoutEffect,
} from "../resource-kind.ts";

/** AWS::ApiGateway::RestApi */
export const restApi: ResourceKind = {
  create: (request) => {
    const api = new RestApi(optionsOf(request, shortId(request.name)));
    request.services.gateway.add(api);
    const { id } = api.options;
    return { ref: id, attributes: { RootResourceId: api.rootResourceId, RestApiId: id } };
=======
import { type Integration, RestApi, type Stage } from "../../api-gateway/rest-api.ts";
import type { Properties } from "../properties.ts";
import { type ChangeableKind, inPlace, type Request, replacement, withoutEffect } from "../resource-kind.ts";
import { shortId } from "./short-id.ts";
import { throttleOf } from "./throttle.ts";

/** AWS::ApiGateway::RestApi */
export const restApi: ChangeableKind = {
  create: (request) => {
    const api = new RestApi(optionsOf(request, shortId(request.name)));
    request.services.gateway.add(api);
    return {
      ref: api.options.id,
      attributes: { RootResourceId: api.rootResourceId, RestApiId: api.options.id },
    };
>>>>>>> /tmp/stack-update-m.theirs
  },
  remove: ({ services }, { ref }) => services.gateway.remove(ref),
  properties: {
    ...inPlace(
      (request, { ref }) => {
        apiOf(request, ref).options = optionsOf(request, ref);
      },
<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
=======
      "ApiKeySourceType",
>>>>>>> /tmp/stack-update-m.theirs
      "BinaryMediaTypes",
      "Body",
      "BodyS3Location",
      "MinimumCompressionSize",
      "Name",
    ),
    ...withoutEffect(
<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
      "ApiKeySourceType",
      "CloneFrom",
      "Description",
      "DisableExecuteApiEndpoint",
      "EndpointAccessMode",
=======
      "CloneFrom",
      "Description",
      "DisableExecuteApiEndpoint",
>>>>>>> /tmp/stack-update-m.theirs
      "EndpointConfiguration",
      "FailOnWarnings",
      "Mode",
      "Parameters",
      "Policy",
      "SecurityPolicy",
      "Tags",
<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
      "Version",
    ),
  },
};

/** AWS::ApiGateway::Resource */
export const apiResource: ResourceKind = {
  identity: ["ParentId", "PathPart", "RestApiId"],
=======
    ),
  },
};

function optionsOf({ properties, name }: Request, id: string): RestApi["options"] {
  for (const body of ["Body", "BodyS3Location"])
    if (properties.has(body)) properties.unsupported(body, "is not read locally; use resources and methods");
  if (properties.optionalText("ApiKeySourceType") === "AUTHORIZER")
    properties.unsupported("ApiKeySourceType", "is AUTHORIZER; there are no authorizer functions here");
  return {
    id,
    name: properties.optionalText("Name") ?? name,
    binaryMediaTypes: properties.list("BinaryMediaTypes").map(String),
    minimumCompressionBytes: properties.optionalNumber("MinimumCompressionSize"),
  };
}

/** AWS::ApiGateway::Resource */
export const apiResource: ChangeableKind = {
>>>>>>> /tmp/stack-update-m.theirs
  create: (request) => {
    const { properties, name } = request;
    const id = shortId(name);
    apiOf(request).addResource(id, properties.text("ParentId"), properties.text("PathPart"));
    return { ref: id, attributes: { ResourceId: id } };
  },
<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
  remove: (request, { ref }) => apiOf(request).removeResource(ref),
  properties: replacement("ParentId", "PathPart", "RestApiId"),
};

const addMethod: Apply = (request) => {
=======
  remove: (request, { ref }) => knownApi(request)?.removeResource(ref),
  properties: replacement("ParentId", "PathPart", "RestApiId"),
};

/** AWS::ApiGateway::Method with a Lambda proxy or a mock integration. */
export const apiMethod: ChangeableKind = {
  create: (request) => {
    setMethod(request);
    return { ref: request.name, attributes: {} };
  },
  remove: (request) =>
    knownApi(request)?.removeMethod(
      request.properties.text("ResourceId"),
      request.properties.text("HttpMethod"),
    ),
  properties: {
    ...replacement("HttpMethod", "ResourceId", "RestApiId"),
    ...inPlace(setMethod, "ApiKeyRequired", "AuthorizationType", "Integration"),
    ...withoutEffect(
      "AuthorizationScopes",
      "AuthorizerId",
      "MethodResponses",
      "OperationName",
      "RequestModels",
      "RequestParameters",
      "RequestValidatorId",
    ),
  },
};

function setMethod(request: Request): void {
>>>>>>> /tmp/stack-update-m.theirs
  const { properties } = request;
  const authorization = properties.optionalText("AuthorizationType") ?? "NONE";
  if (authorization !== "NONE" && authorization !== "AWS_IAM")
    properties.unsupported("AuthorizationType", `is ${authorization}, which is not modelled locally`);
  apiOf(request).addMethod(properties.text("ResourceId"), {
    httpMethod: properties.text("HttpMethod"),
    integration: integrationOf(properties.object("Integration")),
    iamAuthorization: authorization === "AWS_IAM",
    apiKeyRequired: properties.flag("ApiKeyRequired"),
  });
<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
};

/** AWS::ApiGateway::Method with a Lambda proxy or a mock integration. */
export const apiMethod: ResourceKind = {
  identity: ["HttpMethod", "ResourceId", "RestApiId"],
  create: (request) => {
    const resource = { ref: request.name, attributes: {} };
    addMethod(request, resource);
    return resource;
  },
  remove: (request) => {
    const { properties } = request;
    apiOf(request).removeMethod(properties.text("ResourceId"), properties.text("HttpMethod"));
  },
  properties: {
    ...replacement("HttpMethod", "ResourceId", "RestApiId"),
    ...inPlace(addMethod, "ApiKeyRequired", "AuthorizationType", "Integration"),
    ...withoutEffect(
      "AuthorizationScopes",
      "AuthorizerId",
      "MethodResponses",
      "OperationName",
      "RequestModels",
      "RequestParameters",
      "RequestValidatorId",
    ),
  },
};

const addStage: Apply = (request) =>
  apiOf(request).addStage(request.properties.text("StageName"), request.properties.texts("Variables"));

/** AWS::ApiGateway::Stage */
export const apiStage: ResourceKind = {
  identity: ["RestApiId", "StageName"],
  create: (request) => {
    const resource = { ref: request.properties.text("StageName"), attributes: {} };
    addStage(request, resource);
    return resource;
  },
  remove: (request, { ref }) => apiOf(request).removeStage(ref),
  properties: {
    ...replacement("RestApiId", "StageName"),
    ...inPlace(addStage, "Variables"),
    ...withoutEffect(
      "AccessLogSetting",
      "CacheClusterEnabled",
      "CacheClusterSize",
      "CanarySetting",
      "ClientCertificateId",
      "DeploymentId",
      "Description",
      "DocumentationVersion",
      "MethodSettings",
      "Tags",
      "TracingEnabled",
    ),
  },
};

/** A key without a value gets one from its name. */
const keyOf = ({ properties, name }: Request): string =>
  properties.optionalText("Value") ?? shortId(`${name}/value`).repeat(2);

const admit: Apply = (request) => {
  const { properties, services } = request;
  if (properties.flag("Enabled", true)) services.gateway.addApiKey(keyOf(request));
  else services.gateway.removeApiKey(keyOf(request));
};

/** AWS::ApiGateway::ApiKey */
export const apiKey: ResourceKind = {
  create: (request) => {
    const id = shortId(request.name);
    const resource = { ref: id, attributes: { APIKeyId: id } };
    admit(request, resource);
    return resource;
  },
  remove: (request) => request.services.gateway.removeApiKey(keyOf(request)),
  properties: {
    ...replacement("GenerateDistinctId", "Name", "Value"),
    ...inPlace(admit, "Enabled"),
    ...withoutEffect("CustomerId", "Description", "StageKeys", "Tags"),
  },
};
=======
}

/** AWS::ApiGateway::Stage; it serves the API as it is, whatever its deployment. */
export const apiStage: ChangeableKind = {
  create: (request) => {
    setStage(request);
    return { ref: request.properties.text("StageName"), attributes: {} };
  },
  remove: (request, { ref }) => knownApi(request)?.removeStage(ref),
  properties: {
    ...replacement("RestApiId", "StageName"),
    ...inPlace(setStage, "MethodSettings", "Variables"),
    ...withoutEffect(
      "AccessLogSetting",
      "CacheClusterEnabled",
      "CacheClusterSize",
      "CanarySetting",
      "ClientCertificateId",
      "DeploymentId",
      "Description",
      "DocumentationVersion",
      "Tags",
      "TracingEnabled",
    ),
  },
};

function setStage(request: Request): void {
  const { properties } = request;
  const throttles: Stage["throttles"] = Object.fromEntries(
    properties.objects("MethodSettings").flatMap((settings) => {
      const throttle = throttleOf(settings, "ThrottlingRateLimit", "ThrottlingBurstLimit");
      return throttle === undefined ? [] : [[settingsPath(settings), throttle]];
    }),
  );
  const variables = properties.texts("Variables");
  apiOf(request).setStage(properties.text("StageName"), { variables, throttles });
}

/** `/~1streams~1{stream}` with POST is the method `/streams/{stream}/POST`; `/*` with `*` are all. */
function settingsPath(settings: Properties): string {
  const path = settings.text("ResourcePath").replace(/^\//, "").replaceAll("~1", "/");
  const httpMethod = settings.text("HttpMethod");
  return path === "*" && httpMethod === "*" ? "*" : `${path || "/"}/${httpMethod}`;
}
>>>>>>> /tmp/stack-update-m.theirs

function optionsOf({ properties, name }: Request, id: string): RestApiOptions {
  for (const property of ["Body", "BodyS3Location"])
    if (properties.has(property))
      properties.unsupported(property, "is not read locally; use resources and methods");
  return {
    id,
    name: properties.optionalText("Name") ?? name,
    binaryMediaTypes: properties.list("BinaryMediaTypes").map(String),
    minimumCompressionBytes: properties.optionalNumber("MinimumCompressionSize"),
  };
}

function integrationOf(integration: Properties): Integration {
  const type = integration.text("Type");
  if (type === "MOCK") return mockOf(integration);
  if (type !== "AWS_PROXY")
    return integration.unsupported("Type", `is ${type}; only AWS_PROXY and MOCK are modelled locally`);
  const [, functionArn] = /\/functions\/(.+)\/invocations$/.exec(integration.text("Uri")) ?? [];
  if (functionArn === undefined) return integration.unsupported("Uri", "is no Lambda function");
  const roleArn = integration.optionalText("Credentials");
  return {
    kind: "lambda",
    functionArn,
    timeoutMs: integration.between("TimeoutInMillis", 50, 29_000, 29_000),
    ...(roleArn !== undefined && { roleArn }),
  };
}

<<<<<<< /tmp/stack-update-wt/local/template/resources/rest-api.ts
function apiOf({ properties, services: { gateway } }: Request, id = properties.text("RestApiId")): RestApi {
  const api = gateway.apis().find(({ options }) => options.id === id);
  return api ?? properties.unsupported("RestApiId", `is "${id}", which is no API of this template`);
=======
function mockOf(integration: Properties): Integration {
  const [answer] = integration.objects("IntegrationResponses");
  const headers = Object.entries(answer?.texts("ResponseParameters") ?? {}).flatMap(([name, value]) => {
    const [, header] = /^method\.response\.header\.(.+)$/.exec(name) ?? [];
    return header === undefined ? [] : [[header, value.replace(/^'|'$/g, "")] as const];
  });
  return {
    kind: "mock",
    status: answer?.number("StatusCode", 200) ?? 200,
    headers: Object.fromEntries(headers),
  };
}

function apiOf(request: Request, id: string = request.properties.text("RestApiId")): RestApi {
  const api = request.services.gateway.apis().find(({ options }) => options.id === id);
  return api ?? request.properties.unsupported("RestApiId", `is "${id}", which is no API of this template`);
>>>>>>> /tmp/stack-update-m.theirs
}

/** Undefined where the API has gone before its parts. */
const knownApi = ({ properties, services }: Request): RestApi | undefined =>
  services.gateway.apis().find(({ options }) => options.id === properties.text("RestApiId"));
