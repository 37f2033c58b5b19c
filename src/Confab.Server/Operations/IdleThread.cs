using System.Runtime.InteropServices;

namespace Confab.Server.Operations;

/// <summary>
/// A thread for long work that nobody waits for. On Linux it gets a processor while no other thread wants it (sched(7), SCHED_IDLE): where there is
/// one core for everything, a message would else wait for its turn, which is milliseconds.
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
        if (!OperatingSystem.IsLinux())
            return;
        var priority = 0; // struct sched_param, the only value that SCHED_IDLE takes
        _ = sched_setscheduler(0, SchedIdle, &priority);
    }

    [LibraryImport("libc")]
    private static unsafe partial int sched_setscheduler(int pid, int policy, int* param);
}
