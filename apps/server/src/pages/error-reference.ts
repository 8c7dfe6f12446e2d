import type { ProblemKind } from '../admin/problem.js';
import type { ErrorAnswer } from '../http/error-answer.js';

interface Entry {
  readonly meaning: string;
  readonly remedy: string;
  /** Where the error is specified. */
  readonly specification: string;
}

type Code = ErrorAnswer['code'] | ProblemKind;

const OAUTH = 'RFC 6749 §5.2';
const AUTHORIZATION = 'RFC 6749 §4.1.2.1';
const LOGIN = 'OpenID Connect Core §3.1.2.6';
const BEARER = 'RFC 6750 §3.1';
const REQUEST_OBJECT = 'OpenID Connect Core §6';
const PROBLEM = 'RFC 9457';
const PRECONDITION = 'RFC 9110 §13';

/** Every error of the server, by the name that `error_uri` and the `type` of a problem end with. */
export const ERROR_REFERENCE: Readonly<Record<Code, Entry>> = {
  access_denied: entry('The user declined.', 'Tell the user that nothing was granted, and offer to try again.', AUTHORIZATION),
  consent_required: entry('The user has to consent, and prompt=none forbade to ask.', 'Repeat the request without prompt=none.', LOGIN),
  insufficient_scope: entry('The access token lacks a scope that the call needs.', 'Ask for a token with that scope.', BEARER),
  interaction_required: entry('The user has to act, and prompt=none forbade to ask.', 'Repeat it without prompt=none.', LOGIN),
  invalid_client: entry(
    'The client is unknown or disabled, or did not prove who it is by the method it was registered with.',
    'Check the client ID, the secret, and token_endpoint_auth_method. Form-encode both before you put them into a Basic header.',
    OAUTH,
  ),
  invalid_grant: entry(
    'The code or refresh token is unknown, expired, revoked, spent, or was issued to another client or request.',
    'Start a new authorization request. Send redirect_uri and code_verifier exactly as the request calls for.',
    OAUTH,
  ),
  invalid_request: entry('A parameter is missing, malformed or sent twice.', 'Read error_description, and mend the request.', OAUTH),
  invalid_scope: entry('The scope is malformed, or not one that the client may have.', 'Ask for less, or have the scope assigned.', OAUTH),
  invalid_token: entry('The access token is unknown, expired or revoked.', 'Get a new one, by the refresh token if there is one.', BEARER),
  login_required: entry('The user has to log in, and prompt=none forbade to ask.', 'Repeat the request without prompt=none.', LOGIN),
  request_not_supported: entry('Request objects are not supported.', 'Send the parameters as they are.', REQUEST_OBJECT),
  request_uri_not_supported: entry('request_uri is not supported.', 'Send the parameters as they are.', REQUEST_OBJECT),
  server_error: entry('The server failed.', 'Report the trace ID to the administrator.', AUTHORIZATION),
  temporarily_unavailable: entry('The server cannot answer now.', 'Wait as long as Retry-After says, then try again.', AUTHORIZATION),
  unauthorized_client: entry('The client may not use this grant type.', 'Have the grant type assigned to the client.', OAUTH),
  unsupported_grant_type: entry('The server does not know this grant type.', 'See grant_types_supported in the metadata.', OAUTH),
  unsupported_response_type: entry('The server knows response_type code only.', 'Send response_type=code.', AUTHORIZATION),
  'invalid-fields': entry('Some fields of the document are wrong.', 'See errors: one entry for each wrong field.', PROBLEM),
  'invalid-body': entry('The body is missing, or not a JSON object.', 'Send a JSON object.', PROBLEM),
  'invalid-parameter': entry('A parameter of the query is unknown or wrong.', 'See the OpenAPI document for those there are.', PROBLEM),
  'token-required': entry('The call needs an access token.', 'Send one in the Authorization header.', BEARER),
  'invalid-token': entry('The access token is unknown, expired, revoked, or not for the administration API.', 'Get a new one.', BEARER),
  'insufficient-scope': entry('The access token lacks the scope of the call.', 'Ask for a token with that scope.', BEARER),
  'not-found': entry('There is no such resource.', 'Check the address.', PROBLEM),
  taken: entry('The identifier is in use.', 'Choose another one.', PROBLEM),
  conflict: entry('The request does not fit the state of the resource.', 'Read the resource again.', PROBLEM),
  'precondition-failed': entry('The resource has changed since it was read.', 'Read it again, and repeat the change on top.', PRECONDITION),
  'unsupported-media-type': entry('The body has a media type that is not taken here.', 'See the header Accept of the answer.', PROBLEM),
  'precondition-required': entry('A change has to name the version that it is made on.', 'Send If-Match with the ETag.', 'RFC 6585 §3'),
};

export function isErrorCode(name: string): name is Code {
  return Object.hasOwn(ERROR_REFERENCE, name);
}

function entry(meaning: string, remedy: string, specification: string): Entry {
  return { meaning, remedy, specification };
}
