import { type Integration, RestApi, type Stage } from "../../api-gateway/rest-api.ts";
import type { Properties } from "../properties.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";
import { shortId } from "./short-id.ts";
import { throttleOf } from "./throttle.ts";

/** AWS::ApiGateway::RestApi */
export const restApi: ResourceKind = {
  create: (request) => {
    const api = new RestApi(optionsOf(request, shortId(request.name)));
    request.services.gateway.add(api);
    return {
      ref: api.options.id,
      attributes: { RootResourceId: api.rootResourceId, RestApiId: api.options.id },
    };
  },
  remove: ({ services }, { ref }) => services.gateway.remove(ref),
  properties: {
    ...inPlace(
      (request, { ref }) => {
        apiOf(request, ref).options = optionsOf(request, ref);
      },
      "ApiKeySourceType",
      "BinaryMediaTypes",
      "Body",
      "BodyS3Location",
      "MinimumCompressionSize",
      "Name",
    ),
    ...withoutEffect(
      "CloneFrom",
      "Description",
      "DisableExecuteApiEndpoint",
      "EndpointAccessMode",
      "EndpointConfiguration",
      "FailOnWarnings",
      "Mode",
      "Parameters",
      "Policy",
      "SecurityPolicy",
      "Tags",
      "Version",
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
export const apiResource: ResourceKind = {
  create: (request) => {
    const { properties, name } = request;
    const id = shortId(name);
    apiOf(request).addResource(id, properties.text("ParentId"), properties.text("PathPart"));
    return { ref: id, attributes: { ResourceId: id } };
  },
  remove: (request, { ref }) => knownApi(request)?.removeResource(ref),
  properties: replacement("ParentId", "PathPart", "RestApiId"),
};

/** AWS::ApiGateway::Method with a Lambda proxy or a mock integration. */
export const apiMethod: ResourceKind = {
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
}

/** AWS::ApiGateway::Stage; it serves the API as it is, whatever its deployment. */
export const apiStage: ResourceKind = {
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
}

/** Undefined where the API has gone before its parts. */
const knownApi = ({ properties, services }: Request): RestApi | undefined =>
  services.gateway.apis().find(({ options }) => options.id === properties.text("RestApiId"));
