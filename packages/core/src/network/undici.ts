// What is used of a CommonJS package, under its names: a bundle's `import()` of the package itself would know its default only.
export { Agent, fetch } from 'undici';
