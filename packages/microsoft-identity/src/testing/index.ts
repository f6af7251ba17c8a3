export type { ActiveFault, Identity } from '@slipline/fake-http';
export { json, type Answer, type Call, type Forgery } from './call.ts';
export {
  CONTOSO,
  FABRIKAM,
  PUBLIC_APPLICATION,
  SECRET_APPLICATION,
  type FakeApplication,
  type FakeFederatedCredential,
  type FakeManagedIdentity,
  type FakeSecret,
  type FakeTenant,
  type FakeUser,
} from './directory.ts';
export { FakeBrowser, type Page, type Person } from './fake-browser.ts';
export {
  FakeIdentityProvider,
  type DeviceState,
  type FakeIdentityProviderOptions,
} from './fake-identity-provider.ts';
export { FakeCloud, type FakeCloudOptions } from './fake-cloud.ts';
export { FakeGraph, type FakeGraphOptions, type GraphSettings } from './fake-graph.ts';
export { FakeMetadataService, type FakeMetadataServiceOptions } from './fake-metadata-service.ts';
export { faults, type Fault, type FaultScope } from './faults.ts';
export { graphFaults } from './graph-faults.ts';
export { LoopbackServer, type LoopbackServerOptions } from './loopback-server.ts';
export { MicrosoftFake } from './microsoft-fake.ts';
export type { RecordedRequest, RequestMatch } from './recorded-request.ts';
export type { Settings } from './settings.ts';
export type { TokenFacts } from './token-issuer.ts';
export type { Workload } from './workload.ts';
