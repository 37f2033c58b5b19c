using System.Net;
using System.Net.Sockets;
using System.Text;
using Confab.Server.Storage;
using Confab.Server.Storage.Sqlite;
using Confab.Tests.Client;
using Confab.Tests.Http;
using Confab.Tests.Proofs;
using Confab.Tests.Support;

namespace Confab.Tests.Search;

/// <summary>The index is made of the log: whatever becomes of its file, it comes back.</summary>
public class IndexTests
{
    [Fact]
    public async Task What_was_said_while_no_index_was_kept_is_found_after_a_restart()
    {
        await using var server = await RestartableServer.Start();
        var finder = new Finder(server.Http, "general");
        await finder.Say("leaf first");
        await finder.CatchUp();
        await server.Stop();
        var index = Path.Combine(server.Data, SearchIndex.FileName);
        File.Copy(index, index + ".old");

        await server.StartAgain();
        // More than the indexer reads at a time.
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => finder.Say($"leaf {i}")));
        await server.Stop();
        File.Move(index + ".old", index, overwrite: true);
        await server.StartAgain();
        await finder.CatchUp();
        Assert.Equal(["leaf first"], await finder.Find("\"leaf first\""));
        Assert.Equal(["leaf 599"], await finder.Find("\"leaf 599\""));
        Assert.Equal(["leaf 0"], await finder.Find("\"leaf 0\""));
    }

    [Fact]
    public async Task A_search_at_the_start_waits_for_the_index_to_be_opened()
    {
        await using var server = await RestartableServer.Start();
        var finder = new Finder(server.Http, "general");
        await finder.Say("leaf");
        await finder.CatchUp();
        await server.Stop();
        Task<HttpResponseMessage> asked;
        using (var holder = new SqliteConnection(Path.Combine(server.Data, SearchIndex.FileName)))
        {
            holder.Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE rooms SET seq = seq; COMMIT");
            await server.StartAgain();
            asked = new Finder(server.Http, "general").Ask("leaf");
            // Everything else is answered meanwhile.
            await new Finder(server.Http, "general").Say("more");
        }

        using var answer = await asked;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    [Fact]
    public async Task One_address_cannot_keep_everybody_from_searching()
    {
        await using var server = await RestartableServer.Start();
        await new Finder(server.Http, "general").Say("leaf");
        await server.Stop();
        // Every address of 127/8 is this machine's, so there can be somebody from elsewhere.
        using var elsewhere = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectFrom("127.0.0.2", server.Port, cancel) }) { BaseAddress = server.Http.BaseAddress };
        Task<HttpResponseMessage>[] asked;
        Task<HttpResponseMessage> other;
        using (var holder = new SqliteConnection(Path.Combine(server.Data, SearchIndex.FileName)))
        {
            // They wait for the index to be opened.
            holder.Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE rooms SET seq = seq; COMMIT");
            await server.StartAgain();
            asked = [.. Enumerable.Range(0, 17).Select(_ => new Finder(server.Http, "general").Ask("leaf"))];
            using var refused = await await Task.WhenAny(asked);
            await Problem.Is(refused, HttpStatusCode.ServiceUnavailable, "unavailable");
            other = new Finder(elsewhere, "general").Ask("leaf");
            await new Finder(elsewhere, "general").Say("more");
        }

        using var answer = await other;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(16, (await Task.WhenAll(asked)).Count(one => one.StatusCode == HttpStatusCode.OK));
    }

    // Where other programs use every core, a thread that gives way to all of them would index next to nothing.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_gives_way_to_everything_only_where_there_is_one_core(bool isOneCore)
    {
        var policy = isOneCore || Environment.ProcessorCount == 1 ? "5" : "0";
        var data = ChildServer.NewDirectory();
        await using var server = await (isOneCore ? ChildServer.StartOnOneCore(data) : ChildServer.Start(data));
        await Wait.Until("the index to be made by a thread of that policy (proc(5), stat, field 41)", () => Directory
            .EnumerateDirectories($"/proc/{server.Id}/task")
            .Where(thread => File.ReadAllText(Path.Combine(thread, "comm")).Trim() == "confab-index")
            .Any(thread => File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[1].Split(' ')[41 - 3] == policy));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("damaged")]
    [InlineData("damaged where only searches look")]
    [InlineData("not a database")]
    [InlineData("another database")]
    [InlineData("of another history")]
    [InlineData("ahead of the log")]
    public async Task An_index_that_is_no_good_is_made_anew(string what)
    {
        await using var server = await RestartableServer.Start();
        var finder = new Finder(server.Http, "general");
        await finder.Say("tea at four");
        await finder.CatchUp();
        await server.Stop();
        Spoil(Path.Combine(server.Data, SearchIndex.FileName), what);
        await server.StartAgain();
        await finder.CatchUp();
        Assert.Equal(["tea at four"], await finder.Find("tea"));
        Assert.Empty(await finder.Find("stale"));
    }

    [Fact]
    public void A_search_that_takes_too_long_ends()
    {
        var data = Directory.CreateTempSubdirectory("confab-search-");
        var time = new Hasty();
        using (var database = new Database(data.FullName, TimeProvider.System))
        using (var index = new SearchIndex(data.FullName, database.Epoch, anew: false))
        using (var reader = new SearchReader(data.FullName, time))
        {
            index.Store(() =>
            {
                for (var i = 1; i <= 5000; i++)
                    Add(index, i, i, "leaf");
            });
            var filter = new SearchFilter { Senders = ["bob"], From = SearchPlace.At(0), Before = SearchPlace.At(long.MaxValue) };
            Assert.Empty(reader.Find(filter, 20));
            time.IsHasty = true;
            Assert.True(Assert.Throws<SqliteException>(() => reader.Find(filter, 20)).IsInterrupted);
            time.IsHasty = false;
            Assert.Empty(reader.Find(filter, 20));
            Assert.Equal(20, reader.Find(filter with { Senders = ["ann"] }, 20).Count);
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public void Messages_that_want_the_same_row_all_get_one_and_keep_it()
    {
        var data = Directory.CreateTempSubdirectory("confab-search-");
        using (var database = new Database(data.FullName, TimeProvider.System))
        using (var index = new SearchIndex(data.FullName, database.Epoch, anew: false))
        using (var reader = new SearchReader(data.FullName, TimeProvider.System))
        {
            // 2^21 numbers apart, and of the same millisecond.
            long[] ids = [7, 7 + (1 << 21), 7 + (2 << 21)];
            for (var i = 0; i < 2; i++)
                index.Store(() => Array.ForEach(ids, id => Add(index, id, 1000, $"leaf{id} turn{i}")));
            index.Store(() => Add(index, ids[1], 1000, null));
            Assert.Equal([ids[2], ids[0]], Find("turn1"));
            Assert.Empty(Find("turn0"));
            Assert.Equal([ids[2]], Find($"leaf{ids[2]}"));

            IEnumerable<long> Find(string word) =>
                reader.Find(new SearchFilter { Words = $"\"{word}\"", From = SearchPlace.At(0), Before = SearchPlace.At(2000) }, 20).Select(hit => hit.Message);
        }

        data.Delete(recursive: true);
    }

    private static void Add(SearchIndex index, long id, long timestamp, string? words) => index.Add(new IndexedMessage
    {
        Room = 1,
        Message = id,
        Timestamp = timestamp,
        Sender = "ann"u8,
        Words = Encoding.UTF8.GetBytes(words ?? ""),
        Deleted = words is null,
    });

    private static async ValueTask<Stream> ConnectFrom(string address, int port, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port, cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Every look at the clock is an hour later than the one before.</summary>
    private sealed class Hasty : TimeProvider
    {
        private long _hours;

        public bool IsHasty { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => (IsHasty ? ++_hours : _hours) * 3600;
    }

    private static void Spoil(string path, string what)
    {
        switch (what)
        {
            case "deleted":
                File.Delete(path);
                return;
            case "not a database":
                File.WriteAllText(path, "tea");
                return;
            case "damaged":
                using (var file = File.OpenWrite(path))
                {
                    file.Position = 100;
                    file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 100).ToArray());
                }

                return;
            case "another database":
                File.Delete(path);
                break;
        }

        using var index = new SqliteConnection(path);
        index.Execute(what switch
        {
            "another database" => "CREATE TABLE t (x); PRAGMA user_version = 1",
            "damaged where only searches look" => "UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 10",
            "of another history" => "UPDATE source SET epoch = 'another'; INSERT INTO words (rowid, text) VALUES (1, 'stale')",
            _ => "UPDATE rooms SET seq = 1000000",
        });
    }
}
