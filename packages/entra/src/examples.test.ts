import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordOf } from '@slipline/core';
import { CONTOSO, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { CERTIFICATE, PRIVATE_KEY } from './certificates.test.support.ts';
import { entra, RECORD } from './plugin.ts';
import { World } from './testing/world.test.support.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe("the example of the cmdlet's help", () => {
  it('1: Disconnect-Entra ends what is connected, and prints what it was', async () => {
    await using world = await World.open();
    const application = {
      ...SECRET_APPLICATION,
      clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
      name: 'MG_graph_auth',
      certificates: [CERTIFICATE],
      roles: ['Agreement.ReadWrite.All', 'CustomSecAttributeDefinition.ReadWrite.All', 'TeamMember.Read.All'],
    };
    world.provider.register(CONTOSO.id, application);
    const certificateFile = join(folder, 'app.pem');
    await writeFile(certificateFile, CERTIFICATE + PRIVATE_KEY);
    await world.connectOnly({
      clientId: application.clientId,
      tenantId: CONTOSO.id,
      certificateFile,
      contextScope: 'Process',
    });
    const [, cmdlet] = entra().cmdlets ?? [];
    const { outcomes } = await world.slipline.apply(
      await world.slipline.plan({ provider: 'entra', effect: cmdlet?.effect }),
    );
    const [ended] = outcomes;
    expect(ended).toMatchObject({ status: 'disconnected', effect: 'forget' });
    expect(ended && recordOf(RECORD, ended.session)).toEqual({
      ClientId: application.clientId,
      TenantId: CONTOSO.id,
      Scopes: application.roles,
      AuthType: 'AppOnly',
      TokenCredentialType: 'ClientCertificate',
      CertificateThumbprint: expect.stringMatching(/^[0-9A-F]{40}$/),
      CertificateSubjectName: null,
      Account: null,
      AppName: 'MG_graph_auth',
      ContextScope: 'Process',
      Certificate: 'CN=Lab application',
      PSHostVersion: process.versions.node,
      ManagedIdentityId: null,
      ClientSecret: null,
      Environment: 'Global',
    });
    expect(await world.numbers()).toEqual([]);
  });
});
