import { constants, createPrivateKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CERTIFICATE, KEY, THUMBPRINT } from './pfx-files.test.support.ts';
import { windowsCertificate, type RunPowerShell } from './windows-store.ts';

const RAW = CERTIFICATE.replace(/-----[A-Z ]+-----|\s/g, '');

/** Windows with one certificate, as far as its answers go. */
function windows() {
  const inputs: string[] = [];
  const run: RunPowerShell = async (script, input) => {
    inputs.push(input);
    const [thumbprint = '', data = ''] = input.split('\n');
    if (thumbprint !== THUMBPRINT) return '';
    if (!script.includes('SignData')) return `${RAW}\r\n`;
    const pss = { key: createPrivateKey(KEY), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    return `${sign('sha256', Buffer.from(data, 'base64'), pss).toString('base64')}\r\n`;
  };
  return { inputs, options: { platform: 'win32', run } as const };
}

describe('a certificate of the Windows store', () => {
  it('is found by its thumbprint in any spelling, and Windows signs', async () => {
    const { inputs, options } = windows();
    const spelling = ` ${THUMBPRINT.toLowerCase().replace(/(..)/g, '$1 ')}`;
    const certificate = await windowsCertificate(spelling, options);
    expect(certificate).toMatchObject({
      thumbprint: THUMBPRINT,
      subject: 'CN=Lab application, O=Contoso',
      chain: [RAW],
    });
    const signature = await certificate.sign(Buffer.from('data'));
    const pss = { key: CERTIFICATE, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    expect(verify('sha256', Buffer.from('data'), pss, signature)).toBe(true);
    expect(inputs).toEqual([`${THUMBPRINT}\n`, `${THUMBPRINT}\nZGF0YQ==\n`]);
  });

  it('may not be there', async () => {
    const { options } = windows();
    await expect(windowsCertificate('0'.repeat(40), options)).rejects.toMatchObject({
      code: 'invalid-settings',
    });
  });

  it('may not be one that this person can use', async () => {
    const { options } = windows();
    const certificate = await windowsCertificate(THUMBPRINT, {
      ...options,
      run: async (script) => (script.includes('SignData') ? '' : RAW),
    });
    await expect(certificate.sign(Buffer.from('data'))).rejects.toMatchObject({
      message: 'Windows did not sign',
    });
  });

  it.each(['', "'; calc", '$(calc)', `${THUMBPRINT}0`])('is not looked for by %j', async (thumbprint) => {
    const { inputs, options } = windows();
    await expect(windowsCertificate(thumbprint, options)).rejects.toMatchObject({ code: 'invalid-settings' });
    expect(inputs).toEqual([]);
  });

  it.each(['linux', 'darwin'] as const)('is not supported on %s', async (platform) => {
    const { inputs, options } = windows();
    await expect(windowsCertificate(THUMBPRINT, { ...options, platform })).rejects.toMatchObject({
      code: 'unsupported',
      next: expect.stringContaining('PFX'),
    });
    expect(inputs).toEqual([]);
  });
});
