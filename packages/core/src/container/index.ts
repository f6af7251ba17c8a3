import 'reflect-metadata';
export { inject, injectable } from 'tsyringe';
