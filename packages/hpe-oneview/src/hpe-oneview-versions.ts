import { DisconnectError } from '@slipline/core';

/** What an appliance says of itself at `/rest/version`: the values of X-API-Version that it takes, both included. */
export interface ApplianceVersions {
  readonly currentVersion: number;
  readonly minimumVersion: number;
}

/** OneView 11.40, the newest release that this provider knows. */
const HIGHEST_VERSION = 8800;

/** The X-API-Version to speak: `wanted`, or else the newest that both sides know. Throws `unsupported`. */
export function negotiate(versions: ApplianceVersions, wanted?: number): number {
  const { currentVersion, minimumVersion } = versions;
  const version = wanted ?? Math.min(currentVersion, HIGHEST_VERSION);
  if (isSpoken(versions, version)) return version;
  const range = `the appliance takes X-API-Version ${minimumVersion} to ${currentVersion}`;
  throw wanted === undefined
    ? new DisconnectError('unsupported', `${range}; this provider knows those up to ${HIGHEST_VERSION}`, {
        next: `try it unproven with --api-version ${minimumVersion}, or install a newer provider`,
      })
    : new DisconnectError('unsupported', `${range}, not ${wanted}`, {
        next: 'leave --api-version out to use the best one',
      });
}

/** Whether the appliance takes this X-API-Version. */
export function isSpoken({ currentVersion, minimumVersion }: ApplianceVersions, version: number): boolean {
  return version >= minimumVersion && version <= currentVersion;
}
