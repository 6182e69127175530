import { RemovalPolicy } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as logs from "aws-cdk-lib/aws-logs";
import * as wafv2 from "aws-cdk-lib/aws-wafv2";
import { Construct } from "constructs";
import type { Ingest } from "./ingest.ts";
import type { Query } from "./query.ts";

export type ApiOptions = {
  /**
   * Who may call the API: `iam`, requests signed by a principal that has `execute-api:Invoke`; `api-key`, whoever
   * has the key in `x-api-key`; `none`, everybody on the internet. @default "iam"
   */
  readonly authorization?: "iam" | "api-key" | "none";
  /** Requests a second that the API takes as a whole, and how many more in a burst. @default 1,000 and 2,000 */
  readonly throttle?: { readonly rate: number; readonly burst: number };
  /** A regional web ACL (AWS WAF) in front of the API. @default none */
  readonly webAclArn?: string;
  /**
   * Whether to set the role with which API Gateway writes access logs. It is one setting for a whole region of an
   * account; false where something else has set it. @default true
   */
  readonly setsLogRole?: boolean;
};

export type ApiProps = ApiOptions & {
  readonly application: string;
  readonly ingest: Ingest;
  readonly query: Query;
  /** Whether some operator's state may be asked for. */
  readonly servesState: boolean;
  readonly logRetention: logs.RetentionDays;
};

/**
 * `POST /v1/streams/{stream}/events`, `GET /v1/views/{view}`, `GET /v1/failed` and, where an operator is
 * queryable, `GET /v1/state/{pipeline}/{operator}/{key}`.
 *
 * Every body reaches its function in base64 (`*\/*` is binary): a gzip body has the content type of what is in it,
 * and as text it would be garbled. API Gateway must not unpack it either (it would, were a minimum compression
 * size set): ingest does, and stops at its limit. Lambda takes 6 MB a request, which is 4.4 MB of body as it came.
 */
export class Api extends Construct {
  readonly restApi: apigateway.RestApi;
  /** The key that requests must bring; undefined unless it is what authorizes them. */
  readonly key: apigateway.IApiKey | undefined;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { authorization = "iam", throttle = { rate: 1_000, burst: 2_000 } } = props;
    const accessLog = new logs.LogGroup(this, "AccessLog", {
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new apigateway.RestApi(this, "RestApi", {
      description: `Events and views of ${props.application}`,
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      binaryMediaTypes: ["*/*"],
      cloudWatchRole: props.setsLogRole ?? true,
      deployOptions: {
        throttlingRateLimit: throttle.rate,
        throttlingBurstLimit: throttle.burst,
        metricsEnabled: true,
        accessLogDestination: new apigateway.LogGroupLogDestination(accessLog),
        accessLogFormat: apigateway.AccessLogFormat.jsonWithStandardFields(),
      },
      defaultMethodOptions: {
        authorizationType:
          authorization === "iam" ? apigateway.AuthorizationType.IAM : apigateway.AuthorizationType.NONE,
        apiKeyRequired: authorization === "api-key",
      },
    });
    // the stack has an output of its own for it
    this.restApi.node.tryRemoveChild("Endpoint");
    this.#route("/v1/streams/{stream}/events", props.ingest);
    this.#route("/v1/views/{view}", props.query);
    this.#route("/v1/failed", props.query);
    if (props.servesState) {
      this.#route("/v1/state/{pipeline}/{operator}", props.query);
      this.#route("/v1/state/{pipeline}/{operator}/{key}", props.query);
    }
    this.key = authorization === "api-key" ? this.#addKey() : undefined;
    if (props.webAclArn !== undefined)
      new wafv2.CfnWebACLAssociation(this, "WebAcl", {
        resourceArn: this.restApi.deploymentStage.stageArn,
        webAclArn: props.webAclArn,
      });
  }

  /** Every method reaches the function: it answers a wrong one with its own coded 405, where the gateway has but a 403. */
  #route(path: string, to: Ingest | Query): void {
    const integration = new apigateway.LambdaIntegration(to.function, { allowTestInvoke: false });
    this.restApi.root.resourceForPath(path).addMethod("ANY", integration);
  }

  #addKey(): apigateway.IApiKey {
    const plan = this.restApi.addUsagePlan("Plan", { apiStages: [{ stage: this.restApi.deploymentStage }] });
    const key = this.restApi.addApiKey("Key");
    plan.addApiKey(key);
    return key;
  }
}
