using System.Runtime.InteropServices;

namespace Confab.Server.Hosting;

/// <summary>
/// A thread for long work that nobody waits for. Where there is one core for everything, it gets it while no other thread wants it (Linux, sched(7),
/// SCHED_IDLE): a message would else wait for its turn, which is milliseconds. With more cores it is a thread like any other: there nobody waits for it,
/// and other programs that use all of them would leave it next to nothing.
/// </summary>
internal static partial class IdleThread
{
    private const int SchedIdle = 5;

    public static Task Run(string name, Action work) => Task.Factory.StartNew(
        () =>
        {
            Thread.CurrentThread.Name = name;
            BeIdle();
            work();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    // Of the calling thread. Where it is refused, the thread is one like any other.
    private static unsafe void BeIdle()
    {
        if (!OperatingSystem.IsLinux() || Environment.ProcessorCount > 1)
            return;
        var priority = 0; // struct sched_param, the only value that SCHED_IDLE takes
        _ = sched_setscheduler(0, SchedIdle, &priority);
    }

    [LibraryImport("libc")]
    private static unsafe partial int sched_setscheduler(int pid, int policy, int* param);
}
