// The one file that imports the injection library. It refuses to load before reflect-metadata, so the order matters. No type of
// either is part of what core publishes: both are bundled, and nobody installs them.
import 'reflect-metadata';
import { container, inject, injectable } from 'tsyringe';

export { container, inject, injectable };
