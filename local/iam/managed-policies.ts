type Document = { readonly Version: string; readonly Statement: readonly object[] };

const policy = (...Statement: readonly object[]): Document => ({ Version: "2012-10-17", Statement });
const everywhere = (...Action: readonly string[]): object => ({ Effect: "Allow", Action, Resource: "*" });

const LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

const SERVICE_ROLE = "arn:aws:iam::aws:policy/service-role/";
const TOP = "arn:aws:iam::aws:policy/";

/**
 * AWS's own policies that the CDK attaches to roles of functions, APIs and schedules, by ARN.
 * Source: AWS Managed Policy Reference Guide.
 */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, Document> = new Map([
  [`${SERVICE_ROLE}AWSLambdaBasicExecutionRole`, policy(everywhere(...LOGS))],
  [
    `${SERVICE_ROLE}AWSLambdaKinesisExecutionRole`,
    policy(
      everywhere(
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:ListStreams",
        "kinesis:SubscribeToShard",
        ...LOGS,
      ),
    ),
  ],
  [
    `${SERVICE_ROLE}AWSLambdaSQSQueueExecutionRole`,
    policy(everywhere("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...LOGS)),
  ],
  [
    `${SERVICE_ROLE}AWSLambdaDynamoDBExecutionRole`,
    policy(
      everywhere(
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        ...LOGS,
      ),
    ),
  ],
  [`${SERVICE_ROLE}AWSLambdaRole`, policy(everywhere("lambda:InvokeFunction"))],
  [
    `${SERVICE_ROLE}AmazonAPIGatewayPushToCloudWatchLogs`,
    policy(
      everywhere(
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
      ),
    ),
  ],
  [
    `${TOP}AWSXRayDaemonWriteAccess`,
    policy(
      everywhere(
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:GetSamplingStatisticSummaries",
      ),
    ),
  ],
  [
    `${TOP}CloudWatchLambdaInsightsExecutionRolePolicy`,
    policy(everywhere("logs:CreateLogGroup"), {
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*",
    }),
  ],
  [`${TOP}AdministratorAccess`, policy(everywhere("*"))],
]);
