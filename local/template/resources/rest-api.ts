import { createHash } from "node:crypto";
import { type Integration, RestApi } from "../../api-gateway/rest-api.ts";
import type { Properties } from "../properties.ts";
import type { Request, ResourceKind } from "../resource-kind.ts";

/** AWS::ApiGateway::RestApi */
export const restApi: ResourceKind = ({ properties, logicalId, stack, name, services: { gateway } }) => {
  if (properties.has("Body"))
    properties.unsupported("Body", "is not read locally; use resources and methods");
  const api = new RestApi({
    id: shortId(`${stack.name}/${logicalId}`),
    name: properties.optionalText("Name") ?? name,
    binaryMediaTypes: properties.list("BinaryMediaTypes").map(String),
    minimumCompressionBytes: properties.optionalNumber("MinimumCompressionSize"),
  });
  gateway.add(api);
  return {
    ref: api.options.id,
    attributes: { RootResourceId: api.rootResourceId, RestApiId: api.options.id },
  };
};

/** AWS::ApiGateway::Resource */
export const apiResource: ResourceKind = (request) => {
  const { properties, logicalId, stack } = request;
  const id = shortId(`${stack.name}/${logicalId}`);
  apiOf(request).addResource(id, properties.text("ParentId"), properties.text("PathPart"));
  return { ref: id, attributes: { ResourceId: id } };
};

/** AWS::ApiGateway::Method with a Lambda proxy or a mock integration. */
export const apiMethod: ResourceKind = (request) => {
  const { properties, name } = request;
  const authorization = properties.optionalText("AuthorizationType") ?? "NONE";
  if (authorization === "CUSTOM" || authorization === "COGNITO_USER_POOLS")
    properties.unsupported("AuthorizationType", `is ${authorization}, which is not modelled locally`);
  apiOf(request).addMethod(properties.text("ResourceId"), properties.text("HttpMethod"), {
    integration: integrationOf(properties.object("Integration")),
    apiKeyRequired: properties.flag("ApiKeyRequired"),
  });
  return { ref: name, attributes: {} };
};

/** AWS::ApiGateway::Stage */
export const apiStage: ResourceKind = (request) => {
  const { properties } = request;
  const name = properties.text("StageName");
  apiOf(request).addStage(name, properties.texts("Variables"));
  return { ref: name, attributes: {} };
};

/** AWS::ApiGateway::ApiKey; a key without a value gets one from its logical id. */
export const apiKey: ResourceKind = ({ properties, logicalId, stack, services: { gateway } }) => {
  const value = properties.optionalText("Value") ?? shortId(`${stack.name}/${logicalId}/value`).repeat(2);
  if (properties.flag("Enabled", true)) gateway.addApiKey(value);
  const id = shortId(`${stack.name}/${logicalId}`);
  return { ref: id, attributes: { APIKeyId: id } };
};

function integrationOf(integration: Properties): Integration {
  const type = integration.text("Type");
  if (type === "MOCK") {
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
  if (type !== "AWS_PROXY")
    return integration.unsupported("Type", `is ${type}; only AWS_PROXY and MOCK are modelled locally`);
  const [, functionArn] = /\/functions\/(.+)\/invocations$/.exec(integration.text("Uri")) ?? [];
  if (functionArn === undefined) return integration.unsupported("Uri", "is no Lambda function");
  const roleArn = integration.optionalText("Credentials");
  return {
    kind: "lambda",
    functionArn,
    timeoutMs: integration.number("TimeoutInMillis", 29_000),
    ...(roleArn !== undefined && { roleArn }),
  };
}

function apiOf({ properties, services: { gateway } }: Request): RestApi {
  const id = properties.text("RestApiId");
  const api = gateway.apis().find(({ options }) => options.id === id);
  return api ?? properties.unsupported("RestApiId", `is "${id}", which is no API of this template`);
}

/** Ten letters and digits, as API Gateway's ids, and the same each time. */
const shortId = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);
