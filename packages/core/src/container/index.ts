// tsyringe refuses to load before reflect-metadata, so the order of these two imports matters.
import 'reflect-metadata';
import { inject, injectable } from 'tsyringe';

export { inject, injectable };
export { resolveIn } from './resolve.ts';
