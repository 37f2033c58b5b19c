using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Confab.Server.Sockets;

/// <summary>What a loop sleeps on.</summary>
internal abstract class Poller : IDisposable
{
    /// <summary>Sleeps until something is ready or <see cref="Wake"/> was called; only looks when told not to sleep.</summary>
    public abstract void Wait(bool sleep);

    /// <summary>Tells those that were ready when the wait ended.</summary>
    public abstract void Tell();

    /// <summary>Wakes the sleeper; from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

/// <summary>For systems without epoll: every link is a stream that wakes the loop itself.</summary>
internal sealed class WakePoller : Poller
{
    private readonly AutoResetEvent _wake = new(false);

    public override void Wait(bool sleep)
    {
        if (sleep)
            _wake.WaitOne();
    }

    public override void Tell()
    {
    }

    public override void Wake() => _wake.Set();

    public override void Dispose() => _wake.Dispose();
}

/// <summary>Linux epoll(7), level-triggered. Sockets are known by a slot and the slot's generation, so that a late event finds nobody.</summary>
internal sealed unsafe partial class EpollPoller : Poller
{
    private const int MaxEvents = 1024;
    private const uint In = 1, Out = 4, Err = 8, Hup = 16, RdHup = 0x2000, OneShot = 1u << 30;

    private const int CtlAdd = 1, CtlModify = 3;

    // struct epoll_event is packed on x86-64 and nowhere else: 4 bytes of events, then 8 of data.
    private static readonly int s_eventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly Lock _gate = new();
    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _events;
    private readonly Stack<int> _free = new();
    private Slot[] _slots = new Slot[64];
    private int _ready;
    private int _used = 1; // slot 0 is the wake-up

    public EpollPoller()
    {
        _epoll = Check(epoll_create1(0x80000));
        _wake = Check(eventfd(0, 0x80800));
        _events = (byte*)NativeMemory.Alloc(MaxEvents, (nuint)s_eventSize);
        Check(Control(CtlAdd, _wake, In, 0));
    }

    /// <summary>Knows a socket from now on; nothing is told of it before <see cref="Watch"/>.</summary>
    public ulong Add(int socket, IReady ready)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var index))
            {
                index = _used++;
                if (index == _slots.Length)
                    Array.Resize(ref _slots, index * 2);
            }

            var generation = ++_slots[index].Generation;
            _slots[index].Ready = ready;
            var token = ((ulong)generation << 32) | (uint)index;
            if (Control(CtlAdd, socket, OneShot, token) == 0)
                return token;
            _slots[index].Ready = null;
            _free.Push(index);
            throw new IOException($"epoll_ctl failed: {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Says what to tell of a socket: always, or once.</summary>
    public void Watch(int socket, ulong token, bool read, bool write, bool once = false) =>
        Control(CtlModify, socket, (read ? In : 0) | (write ? Out : 0) | (once || (!read && !write) ? OneShot : 0), token);

    /// <summary>Tells somebody else of the socket from now on.</summary>
    public void Replace(ulong token, IReady ready)
    {
        lock (_gate)
            _slots[(int)token].Ready = ready;
    }

    /// <summary>Forgets a socket that is about to be closed.</summary>
    public void Remove(ulong token)
    {
        lock (_gate)
        {
            var index = (int)token;
            if (_slots[index].Generation != token >> 32 || _slots[index].Ready is null)
                return;
            _slots[index].Ready = null;
            _free.Push(index);
        }
    }

    public override void Wait(bool sleep) => _ready = epoll_wait(_epoll, _events, MaxEvents, sleep ? -1 : 0);

    public override void Tell()
    {
        for (var i = 0; i < _ready; i++)
        {
            var e = _events + (i * s_eventSize);
            var events = *(uint*)e;
            var token = Unsafe.ReadUnaligned<ulong>(e + s_eventSize - 8);
            if (token == 0)
            {
                ulong ignored;
                read(_wake, &ignored, 8);
                continue;
            }

            var slot = _slots[(int)token];
            if (slot.Generation == token >> 32)
                slot.Ready?.OnReady((events & (In | Hup | Err | RdHup)) != 0, (events & (Out | Hup | Err)) != 0);
        }
    }

    public override void Wake()
    {
        ulong one = 1;
        write(_wake, &one, 8);
    }

    public override void Dispose()
    {
        close(_epoll);
        close(_wake);
        NativeMemory.Free(_events);
    }

    private int Control(int operation, int socket, uint events, ulong token)
    {
        var e = stackalloc byte[16];
        *(uint*)e = events;
        Unsafe.WriteUnaligned(e + s_eventSize - 8, token);
        return epoll_ctl(_epoll, operation, socket, e);
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"epoll failed: {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, byte* e);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* events, int max, int timeout);

    [LibraryImport("libc")]
    private static partial nint read(int fd, void* buffer, nint length);

    [LibraryImport("libc")]
    private static partial nint write(int fd, void* buffer, nint length);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    private struct Slot
    {
        public uint Generation;
        public IReady? Ready;
    }
}
