/** Times `work`, which is about `count` things, and prints what it took, and how much memory this process ever had. */
export async function tell(count, work) {
  const processorBefore = process.cpuUsage();
  const start = performance.now();
  await work();
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(processorBefore);
  const facts = { perSecond: (1000 * count) / milliseconds, processorMicroseconds: (user + system) / count };
  console.log(JSON.stringify({ ...facts, megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
}
