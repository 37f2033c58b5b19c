using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Confab.Tests.Support;

/// <summary>
/// A kernel that watches only so many sockets, under a server in a process of its own: epoll_ctl(2) adds no descriptor from a number on, and says
/// what it says at <c>max_user_watches</c>. That is one number for the whole machine, so a filter of seccomp(2) stands in for it.
/// </summary>
internal static unsafe partial class FullEpoll
{
    /// <summary>Names the first descriptor that is not watched to the server's process.</summary>
    public const string Variable = "CONFAB_TEST_UNWATCHED";

    private const int SetSeccomp = 22, ByFilter = 2, SetNoNewPrivileges = 38;
    private const int CtlAdd = 1, NoSpace = 28;
    private const ushort Load = 0x20, SkipUnlessEqual = 0x15, SkipIfLess = 0x35, Return = 0x06;
    private const uint Allow = 0x7FFF0000, Refuse = 0x00050000;

    // Where struct seccomp_data has the call's number, and the lower halves of its second and third argument.
    private const uint Call = 0, Operation = 24, Descriptor = 32;

    public static void PutUnder(ProcessStartInfo start, int firstUnwatched)
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(FullEpoll).Assembly.Location;
        start.Environment[Variable] = firstUnwatched.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>In the server's process, on its first thread: those that it starts have the filter too.</summary>
    public static void Install(int firstUnwatched)
    {
        var epollCtl = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 233u : 21u;
        Instruction[] filter =
        [
            new(Load, 0, Call),
            new(SkipUnlessEqual, 5, epollCtl),
            new(Load, 0, Operation),
            new(SkipUnlessEqual, 3, CtlAdd),
            new(Load, 0, Descriptor),
            new(SkipIfLess, 1, (uint)firstUnwatched),
            new(Return, 0, Refuse | NoSpace),
            new(Return, 0, Allow),
        ];
        fixed (Instruction* first = filter)
        {
            var program = new Program((ushort)filter.Length, first);
            if (prctl(SetNoNewPrivileges, 1, null, 0, 0) != 0 || prctl(SetSeccomp, ByFilter, &program, 0, 0) != 0)
                throw new InvalidOperationException($"prctl failed: {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint second, void* third, nint fourth, nint fifth);

    /// <summary><c>struct sock_filter</c>: a jump skips so many instructions when its condition does not hold.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte skip, uint operand)
    {
        private readonly ushort _code = code;
        private readonly byte _skipIfTrue;
        private readonly byte _skipIfFalse = skip;
        private readonly uint _operand = operand;
    }

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Program(ushort length, Instruction* first)
    {
        private readonly ushort _length = length;
        private readonly Instruction* _first = first;
    }
}
