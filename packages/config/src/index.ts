export { readConfig, writePlugins, type Config, type PluginEntry } from './config.ts';
export { DURATION, parseDuration } from './duration.ts';
export { networkOptions } from './network-options.ts';
export { checkFolder, checkPath, isMissing, quoted, readOwnFile, writeOwnFile } from './own-files.ts';
export { FORMATS, settingsFrom, type Environment, type Format, type Settings } from './settings.ts';
