using System.Buffers;
using BenchmarkDotNet.Attributes;
using Confab.Protocol;
using Confab.Server.Messages;
using Confab.Server.Rooms;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Confab.Benchmarks;

/// <summary>Storing a batch in one transaction with its fsync, and copying from a tail.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 150).Select(i => (byte)('a' + (i % 26)))];

    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly Tail _tail = new(128 * 1024, new TailBudget(1 << 20));
    private string _directory = "";
    private Database _database = null!;
    private ILogWriter _writer = null!;
    private Change[] _batch = [];
    private long _seq;

    /// <summary>Messages in one transaction.</summary>
    [Params(1, 64, 1024)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _directory = Directory.CreateTempSubdirectory("confab-bench-").FullName;
        _database = new Database(_directory, TimeProvider.System);
        _writer = new SqliteStore(_database, TimeProvider.System, NullLogger<SqliteStore>.Instance).OpenWriter(new ChangeRules(new Limits()));
        var room = new Nobody();
        _batch = [.. Enumerable.Range(0, Batch).Select(_ => new RoomChange().Fill(ChangeKind.Message, room, "guest"u8.ToArray(), 0, s_content, default, room))];
        for (var i = 0; i < Batch; i++)
            _tail.Append(++_seq, s_content);
    }

    [GlobalCleanup]
    public void Close()
    {
        _writer.Dispose();
        _database.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public void Commit_a_batch() => _writer.Commit(_batch);

    [Benchmark]
    public void Append_a_batch_to_a_tail()
    {
        for (var i = 0; i < Batch; i++)
            _tail.Append(++_seq, s_content);
    }

    [Benchmark]
    public bool Copy_a_batch_from_a_tail()
    {
        _output.ResetWrittenCount();
        return _tail.TryCopy(_seq - Math.Min(Batch, 256), _seq, 64 * 1024, _output, out _);
    }

    private sealed class Nobody() : StoredRoom(1, "general"u8.ToArray()), IChangeOwner
    {
        public override void Append(long seq, ReadOnlySpan<byte> frame)
        {
        }

        public override void Ring(long head)
        {
        }

        public void Done(Change change)
        {
        }
    }
}
