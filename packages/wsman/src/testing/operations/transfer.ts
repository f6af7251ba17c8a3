import { parseDuration } from '../durations.ts';
import { NAMESPACES, RESOURCES } from '../namespaces.ts';
import type { NewShell } from '../shell-store.ts';
import { WsmanFault } from '../wsman-faults.ts';
import { child, escapeXml, type XmlElement } from '../xml.ts';
import { callerName, ownsOrAdministers, shellIdOf, shellOf, type Call } from './call.ts';
import { configurationXml } from './configuration.ts';
import { shellXml } from './shell-xml.ts';

const LEAST_IDLE_TIMEOUT = 60_000;

export function get(call: Call): string {
  const { request, state, user } = call;
  const configuration = configurationXml(request.resourceUri, state.settings);
  if (configuration !== undefined) {
    if (user.isAdministrator !== true) throw new WsmanFault('ACCESS_DENIED');
    return configuration;
  }
  const shell = state.shells.find(shellIdOf(call));
  if (request.resourceUri !== RESOURCES.shells && !isPlugin(request.resourceUri))
    throw new WsmanFault('INVALID_RESOURCE_URI');
  if (shell === undefined) throw new WsmanFault('UNEXPECTED_SELECTORS', undefined, true);
  if (request.resourceUri !== RESOURCES.shells) shellOf(call);
  if (!ownsOrAdministers(call, shell)) throw new WsmanFault('ACCESS_DENIED');
  return shellXml(shell, state.now(), state.settings);
}

export function create(call: Call): string {
  const { request, state } = call;
  const { settings, shells } = state;
  const wanted = request.body;
  if (!isPlugin(request.resourceUri)) throw new WsmanFault('INVALID_RESOURCE_URI');
  if (wanted?.namespace !== NAMESPACES.rsp || wanted.name !== 'Shell')
    throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  if (!settings.allowRemoteShellAccess) throw new WsmanFault('REMOTESHELLS_NOT_ALLOWED');
  checkQuotas(call);
  const shell = shells.create(newShell(call, wanted));
  return (
    `<x:ResourceCreated><a:Address>${escapeXml(RESOURCE_ADDRESS)}</a:Address><a:ReferenceParameters>` +
    `<w:ResourceURI>${escapeXml(shell.resourceUri)}</w:ResourceURI><w:SelectorSet>` +
    `<w:Selector Name="ShellId">${escapeXml(shell.id)}</w:Selector></w:SelectorSet>` +
    `</a:ReferenceParameters></x:ResourceCreated>${shellXml(shell, state.now(), settings, true)}`
  );
}

/** Ends a shell under the plugin that made it; the list's own resource has no such action. */
export function remove(call: Call): string {
  const { request, state } = call;
  if (!isPlugin(request.resourceUri)) throw new WsmanFault('INVALID_RESOURCE_URI');
  if (request.body !== undefined) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  state.shells.end(shellOf(call).id, 'deleted');
  return '';
}

const RESOURCE_ADDRESS = 'http://localhost:5985/wsman';

function isPlugin(resourceUri: string): boolean {
  return resourceUri === RESOURCES.cmd || resourceUri.startsWith('http://schemas.microsoft.com/powershell/');
}

function checkQuotas(call: Call): void {
  const { settings, shells } = call.state;
  const owner = callerName(call).toLowerCase();
  const owners = shells.all().map((shell) => shell.owner.toLowerCase());
  const used = owners.filter((candidate) => candidate === owner).length;
  if (used >= settings.maxShellsPerUser)
    throw new WsmanFault(
      'QUOTA_MAX_SHELLS',
      `This user has the maximum number of ${settings.maxShellsPerUser} concurrent shells, which are allowed by MaxShellsPerUser.`,
    );
  if (used === 0 && new Set(owners).size >= settings.maxConcurrentUsers)
    throw new WsmanFault('QUOTA_MAX_SHELLUSERS');
}

function newShell(call: Call, wanted: XmlElement): NewShell {
  const { request, clientAddress, state } = call;
  const text = (name: string): string | undefined => child(wanted, NAMESPACES.rsp, name)?.text.trim();
  const id = wanted.attributes.get('ShellId');
  const isCustom = request.resourceUri !== RESOURCES.cmd;
  if (id !== undefined && (!isCustom || state.shells.find(id) !== undefined))
    throw new WsmanFault('INVALID_SELECTORS', 'The ShellId cannot be chosen, or is in use.');
  return {
    owner: callerName(call),
    resourceUri: request.resourceUri,
    clientAddress,
    sessionId: request.sessionId,
    name: wanted.attributes.get('Name') ?? text('Name'),
    hasClientId: isCustom && id !== undefined,
    ...(id !== undefined && { id }),
    inputStreams: required(text('InputStreams')),
    outputStreams: required(text('OutputStreams')),
    idleTimeout: idleTimeout(call, text('IdleTimeOut') ?? text('IdleTimeout')),
    workingDirectory: text('WorkingDirectory'),
    environment: variables(child(wanted, NAMESPACES.rsp, 'Environment')),
  };
}

function required(streams: string | undefined): string {
  if (streams === undefined) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  return streams;
}

/** What a client asks for, within what the service allows. */
export function idleTimeout({ state }: Call, text: string | undefined): number {
  const { settings } = state;
  if (text === undefined) return settings.idleTimeout;
  const asked = parseDuration(text);
  if (asked === undefined) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  if (asked < LEAST_IDLE_TIMEOUT || asked > settings.maxIdleTimeout)
    throw new WsmanFault('IDLETIMEOUT_OUTOFBOUNDS');
  return asked;
}

function variables(environment: XmlElement | undefined): ReadonlyMap<string, string> {
  return new Map(
    (environment?.children ?? []).map(({ attributes, text }) => [attributes.get('Name') ?? '', text]),
  );
}
