import type { Prefix } from './namespaces.ts';

interface FaultKind {
  readonly code: number;
  readonly side: 'Sender' | 'Receiver' | 'MustUnderstand';
  readonly subcode?: readonly [Prefix, string] | undefined;
  /** The last part of a `w:FaultDetail`. */
  readonly detail?: string | undefined;
  readonly text: string;
}

const quota = (code: number, what: string): FaultKind => ({
  code,
  side: 'Receiver',
  subcode: ['w', 'QuotaLimit'],
  text: `The service has reached a quota: ${what}.`,
});

const internal = (code: number, text: string): FaultKind => ({
  code,
  side: 'Receiver',
  subcode: ['w', 'InternalError'],
  text,
});

/** The faults that this fake knows, named as in `wsmerror.h`; subcodes as DSP0226 clause 14 and MS-WSMV have them. */
const FAULTS = {
  ACCESS_DENIED: { code: 5, side: 'Sender', subcode: ['w', 'AccessDenied'], text: 'Access is denied.' },
  INTERNAL_ERROR: internal(1359, 'An internal error occurred.'),
  RESOURCE_NOT_FOUND: {
    code: 2150858752,
    side: 'Sender',
    subcode: ['a', 'DestinationUnreachable'],
    detail: 'InvalidResourceURI',
    text: 'The service cannot find the resource identified by the resource URI and selectors.',
  },
  INVALID_RESOURCE_URI: {
    code: 2150858811,
    side: 'Sender',
    subcode: ['a', 'DestinationUnreachable'],
    detail: 'InvalidResourceURI',
    text: 'The resource URI is missing or does not fit the action.',
  },
  INVALID_MESSAGE_INFORMATION_HEADER: {
    code: 2150858767,
    side: 'Sender',
    subcode: ['a', 'InvalidMessageInformationHeader'],
    text: 'A header of the request is not valid.',
  },
  SOAP_FAULT_MUST_UNDERSTAND: {
    code: 2150858768,
    side: 'MustUnderstand',
    text: 'A header that must be understood is not.',
  },
  MESSAGE_INFORMATION_HEADER_REQUIRED: {
    code: 2150858769,
    side: 'Sender',
    subcode: ['a', 'MessageInformationHeaderRequired'],
    text: 'A header that is required is missing.',
  },
  ACTION_NOT_SUPPORTED: {
    code: 2150858771,
    side: 'Sender',
    subcode: ['a', 'ActionNotSupported'],
    text: 'The action is not supported by the service.',
  },
  SCHEMA_VALIDATION_ERROR: {
    code: 2150858817,
    side: 'Sender',
    subcode: ['w', 'SchemaValidationError'],
    text: 'The request is not what the schema allows.',
  },
  FILTERING_NOT_SUPPORTED: {
    code: 2150858776,
    side: 'Sender',
    subcode: ['n', 'FilteringNotSupported'],
    text: 'The data source does not support filtering.',
  },
  SHELLCOMMANDS_FILTER_EXPECTED: {
    code: 2150859200,
    side: 'Sender',
    subcode: ['n', 'CannotProcessFilter'],
    text: 'An enumeration of commands needs a filter with the ShellId.',
  },
  INVALID_ENUMERATION_CONTEXT: {
    code: 2150858779,
    side: 'Receiver',
    subcode: ['n', 'InvalidEnumerationContext'],
    text: 'The enumeration context is not valid, or has expired.',
  },
  OPERATION_TIMEDOUT: {
    code: 2150858793,
    side: 'Receiver',
    subcode: ['w', 'TimedOut'],
    text: 'The operation did not complete within the time that OperationTimeout gives it.',
  },
  ENCODING_LIMIT: {
    code: 2150858805,
    side: 'Sender',
    subcode: ['w', 'EncodingLimit'],
    detail: 'MinimumEnvelopeLimit',
    text: 'The MaxEnvelopeSize of the request is below 8192 octets.',
  },
  ENVELOPE_TOO_LARGE: {
    code: 2150858790,
    side: 'Sender',
    subcode: ['w', 'EncodingLimit'],
    detail: 'ServiceEnvelopeLimit',
    text: 'The request is larger than MaxEnvelopeSizekb of the service allows.',
  },
  MAX_ENVELOPE_SIZE_EXCEEDED: {
    code: 2150858824,
    side: 'Sender',
    subcode: ['w', 'EncodingLimit'],
    detail: 'MaxEnvelopeSizeExceeded',
    text: 'The reply is larger than the MaxEnvelopeSize of the request allows.',
  },
  INVALID_SELECTORS: {
    code: 2150858813,
    side: 'Sender',
    subcode: ['w', 'InvalidSelectors'],
    detail: 'InsufficientSelectors',
    text: 'The selectors of the request are not valid for the resource.',
  },
  UNEXPECTED_SELECTORS: {
    code: 2150858843,
    side: 'Sender',
    subcode: ['w', 'InvalidSelectors'],
    detail: 'UnexpectedSelectors',
    text: 'The request contains selectors that are not valid: the shell was not found on the server.',
  },
  QUOTA_MAX_SHELLS: {
    code: 2150859173,
    side: 'Receiver',
    subcode: ['w', 'QuotaLimit'],
    text: 'This user has the maximum number of concurrent shells that MaxShellsPerUser allows.',
  },
  QUOTA_MAX_OPERATIONS: {
    code: 2150859174,
    side: 'Receiver',
    subcode: ['w', 'QuotaLimit'],
    text: 'This user has the maximum number of concurrent operations.',
  },
  QUOTA_MAX_SHELLUSERS: {
    code: 2150859179,
    side: 'Receiver',
    subcode: ['w', 'QuotaLimit'],
    text: 'The maximum number of users that have shells is reached.',
  },
  REMOTESHELLS_NOT_ALLOWED: internal(
    2150859180,
    'The service does not allow remote shells: AllowRemoteShellAccess is false.',
  ),
  SHELL_DISCONNECTED: internal(2150859204, 'The shell is disconnected.'),
  SHELL_DISCONNECT_NOT_SUPPORTED: {
    code: 2150859205,
    side: 'Sender',
    subcode: ['w', 'InternalError'],
    text: 'The shell does not support disconnecting.',
  },
  SHELL_CLIENTSESSIONID_MISMATCH: {
    code: 2150859206,
    side: 'Sender',
    subcode: ['w', 'InternalError'],
    text: 'The shell belongs to another client session.',
  },
  SHELL_CONNECTED_TO_DIFFERENT_CLIENT: {
    code: 2150859213,
    side: 'Sender',
    subcode: ['w', 'InternalError'],
    text: 'The shell is connected to another client.',
  },
  SHELL_DISCONNECT_OPERATION_NOT_VALID: {
    code: 2150859215,
    side: 'Sender',
    subcode: ['w', 'InternalError'],
    text: 'The shell is in a state in which it cannot be disconnected.',
  },
  IDLETIMEOUT_OUTOFBOUNDS: {
    code: 2150859250,
    side: 'Sender',
    subcode: ['w', 'InvalidParameter'],
    text: 'The idle time-out of the shell is out of bounds.',
  },
  INVALID_PARAMETER: {
    code: 87,
    side: 'Sender',
    subcode: ['w', 'InvalidParameter'],
    text: 'A parameter is wrong.',
  },
  LOGON_FAILURE: internal(1326, 'The user name or password is incorrect.'),
  INVALID_URI: {
    code: 2150858754,
    side: 'Sender',
    subcode: ['a', 'DestinationUnreachable'],
    detail: 'InvalidResourceURI',
    text: 'The action or the resource URI is not valid.',
  },
  DESTINATION_UNREACHABLE: {
    code: 2150858770,
    side: 'Sender',
    subcode: ['a', 'DestinationUnreachable'],
    text: 'The destination cannot be reached.',
  },
  NETWORK_TIMEDOUT: internal(2150859046, 'The network operation took too long.'),
  QUOTA_LIMIT: quota(2150858815, 'there are too many requests'),
  QUOTA_USER: quota(2150859175, 'operations of this user in a span of time'),
  QUOTA_SYSTEM: quota(2150859176, 'operations of all users in a span of time'),
  QUOTA_MAX_SHELLS_PPQ: quota(2150859236, 'shells of this user under the plugin'),
  QUOTA_MAX_USERS_PPQ: quota(2150859237, 'users of the plugin'),
  QUOTA_MAX_PLUGINSHELLS_PPQ: quota(2150859238, 'shells of the plugin'),
  QUOTA_MAX_PLUGINOPERATIONS_PPQ: quota(2150859239, 'operations of the plugin'),
  QUOTA_MAX_OPERATIONS_USER_PPQ: quota(2150859240, 'operations of this user under the plugin'),
  QUOTA_MAX_COMMANDS_PER_SHELL_PPQ: quota(2150859241, 'commands of the shell'),
  QUOTA_MIN_REQUIREMENT_NOT_AVAILABLE_PPQ: quota(2150859242, 'what the plugin needs is not there'),
  SHELL_DISCONNECT_OPERATION_NOT_GRACEFUL: internal(
    2150859214,
    'The shell was not disconnected in an orderly way.',
  ),
  SHELL_RECONNECT_OPERATION_NOT_VALID: internal(
    2150859216,
    'The shell is in a state in which it cannot be reconnected.',
  ),
  REDIRECT_REQUESTED: {
    code: 2150859161,
    side: 'Sender',
    subcode: ['w', 'Redirect'],
    text: 'The service asks the client to go elsewhere.',
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultName = keyof typeof FAULTS;

/** Every fault that can be injected. */
export const FAULT_NAMES = Object.freeze(Object.keys(FAULTS) as FaultName[]);

/** Thrown by operations; becomes a `s:Fault`. */
export class WsmanFault extends Error {
  readonly faultName: FaultName;
  readonly kind: FaultKind;
  /** Whether the message stands in a `f:ProviderFault` with a fault of its own, as for a missing shell in `Get`. */
  readonly isNested: boolean;

  constructor(faultName: FaultName, text?: string, isNested = false) {
    const kind = FAULTS[faultName];
    super(text ?? kind.text);
    this.name = 'WsmanFault';
    this.faultName = faultName;
    this.kind = kind;
    this.isNested = isNested;
  }
}
