import { MUTUAL, NAMESPACES } from '../namespaces.ts';
import type { Settings } from '../settings.ts';
import { escapeXml } from '../xml.ts';

const PROFILES = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile';

/** The body of the answer to Identify (DSP0226 clause 11); who is not signed in learns no version (MS-WSMV 3.1.4.1.23). */
export function identifyBody(settings: Settings, isSignedIn: boolean): string {
  const { basic, negotiate, certificate } = settings.authentication;
  const profiles = [
    ...(basic ? [`${PROFILES}/https/basic`] : []),
    ...(negotiate ? [`${PROFILES}/http/spnego-kerberos`] : []),
    ...(certificate ? [MUTUAL] : []),
  ];
  const version = isSignedIn ? settings.productVersion : 'OS: 0.0.0 SP: 0.0 Stack: 3.0';
  const listed = profiles.map((uri) => `<wsmid:SecurityProfileName>${uri}</wsmid:SecurityProfileName>`);
  return (
    `<wsmid:IdentifyResponse><wsmid:ProtocolVersion>${NAMESPACES.w}</wsmid:ProtocolVersion>` +
    `<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>` +
    `<wsmid:ProductVersion>${escapeXml(version)}</wsmid:ProductVersion>` +
    (isSignedIn ? `<wsmid:SecurityProfiles>${listed.join('')}</wsmid:SecurityProfiles>` : '') +
    `</wsmid:IdentifyResponse>`
  );
}
