import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { describe, unreadable, type SigningCertificate } from './certificate.ts';
import { IdentityError } from './errors.ts';

/** Runs Windows PowerShell with a script and a text on standard input, and answers what it prints. */
export type RunPowerShell = (script: string, input: string) => Promise<string>;

const LONGEST_ANSWER = 64 * 1024;
const PATIENCE = 30_000;

// The key need not be exportable: Windows signs. Output is base64, so that no code page can spoil it.
const FIND = `
$ErrorActionPreference = 'Stop'
$t = [Console]::In.ReadLine()
$c = 'CurrentUser', 'LocalMachine' | ForEach-Object { Get-Item "Cert:\\$_\\My\\$t" -ErrorAction SilentlyContinue } | Where-Object HasPrivateKey | Select-Object -First 1
if ($c) { [Convert]::ToBase64String($c.RawData) }`;
const SIGN = `
$ErrorActionPreference = 'Stop'
$t = [Console]::In.ReadLine()
$d = [Convert]::FromBase64String([Console]::In.ReadLine())
$c = 'CurrentUser', 'LocalMachine' | ForEach-Object { Get-Item "Cert:\\$_\\My\\$t" -ErrorAction SilentlyContinue } | Where-Object HasPrivateKey | Select-Object -First 1
$k = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($c)
[Convert]::ToBase64String($k.SignData($d, [Security.Cryptography.HashAlgorithmName]::SHA256, [Security.Cryptography.RSASignaturePadding]::Pss))`;

/** A certificate of the Windows store, found by its SHA-1 thumbprint; `unsupported` on other systems. */
export async function windowsCertificate(
  thumbprint: string,
  {
    platform = process.platform,
    run = runPowerShell,
  }: { platform?: NodeJS.Platform; run?: RunPowerShell } = {},
): Promise<SigningCertificate> {
  const wanted = thumbprint.replace(/[\s:]/g, '').toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(wanted)) {
    throw unreadable('the thumbprint is not one', 'give the 40 hexadecimal digits of its SHA-1');
  }
  if (platform !== 'win32') {
    throw new IdentityError('unsupported', 'certificates are found by thumbprint on Windows only', {
      next: 'export the certificate with its key to a PFX file and give that',
    });
  }
  const raw = Buffer.from((await run(FIND, `${wanted}\n`)).trim(), 'base64');
  if (raw.length === 0)
    throw unreadable('no certificate with this thumbprint and a private key is in the Windows store');
  return {
    ...describe([new X509Certificate(raw)]),
    sign: async (data) => {
      const signature = await run(SIGN, `${wanted}\n${data.toString('base64')}\n`);
      if (signature.trim() === '')
        throw unreadable('Windows did not sign', 'check that you may use the private key');
      return Buffer.from(signature.trim(), 'base64');
    },
  };
}

function runPowerShell(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', script];
    const child = spawn('powershell.exe', options, {
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: PATIENCE,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (output.length < LONGEST_ANSWER) output += chunk;
    });
    child.once('error', () =>
      reject(unreadable('Windows PowerShell cannot be started', 'give a PFX file instead')),
    );
    child.once('close', () => resolve(output));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
