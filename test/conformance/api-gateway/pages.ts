const GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide";

/** Pages of AWS's documentation that decide cases. */
export const PROXY: string = `${GUIDE}/set-up-lambda-proxy-integrations.html`;
export const BINARY: string = `${GUIDE}/api-gateway-payload-encodings.html`;
export const LAMBDA_BINARY: string = `${GUIDE}/lambda-proxy-binary-media.html`;
export const ANSWERS: string = `${GUIDE}/supported-gateway-response-types.html`;
export const THROTTLING: string = `${GUIDE}/api-gateway-request-throttling.html`;
export const PLANS: string = `${GUIDE}/api-gateway-api-usage-plans.html`;
export const KEYS: string = `${GUIDE}/api-gateway-api-key-source.html`;
export const CONTEXT: string = `${GUIDE}/api-gateway-mapping-template-reference.html`;
export const LIMITS: string = `${GUIDE}/api-gateway-execution-service-limits-table.html`;
export const IAM: string = `${GUIDE}/api-gateway-control-access-using-iam-policies-to-invoke-api.html`;
export const CORS: string = `${GUIDE}/how-to-cors.html`;
export const STAGES: string = `${GUIDE}/stage-variables.html`;
export const COMPRESSION: string = `${GUIDE}/api-gateway-gzip-compression-decompression.html`;
export const NOTES: string = `${GUIDE}/api-gateway-known-issues.html`;
