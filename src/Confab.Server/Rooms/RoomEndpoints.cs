using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confab.Protocol;
using Confab.Server.Access;
using Confab.Server.Hosting;
using Confab.Server.Messages;
using Confab.Server.Messages.Verbs;
using Confab.Server.Storage;

namespace Confab.Server.Rooms;

/// <summary>A room to be created.</summary>
/// <param name="Name">1 to 64 characters, without control characters and <c>/</c>, and neither <c>.</c> nor <c>..</c>.</param>
/// <param name="Topic">Up to 250 characters; empty when not given.</param>
internal sealed record NewRoom(string Name, string? Topic);

/// <summary>What to change about a room: its topic, whether it is archived, or both.</summary>
/// <param name="Topic">Up to 250 characters.</param>
/// <param name="Archived">Whether it can be read only, and is in no list; an archived room takes no topic.</param>
/// <param name="Username">Who changes it.</param>
internal sealed record RoomPatch(string? Topic, bool? Archived, string? Username);

/// <summary>A room.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Topic">What it is about; may be empty.</param>
/// <param name="Head">The last number given in it.</param>
/// <param name="Pins">The ids of the pinned messages, in the order in which they were pinned.</param>
/// <param name="Present">How many people are there now.</param>
/// <param name="LastMessage">The newest message; null when there is none.</param>
/// <param name="Archived">True when it can be read only; absent otherwise.</param>
internal sealed record RoomData(string Name, string Topic, long Head, long[] Pins, int Present, MessageData? LastMessage, bool? Archived);

/// <summary>The rooms over HTTP.</summary>
internal static class RoomEndpoints
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void AddRooms(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<RoomDirectory>().AddSingleton<Door>();

    /// <summary>Before everything that is mapped: nothing is asked for that does not come in by the door.</summary>
    public static void UseDoor(this WebApplication app) => app.Use(app.Services.GetRequiredService<Door>().Guard);

    public static void MapRooms(this WebApplication app)
    {
        var rooms = app.MapGroup("/api/rooms").WithTags("Rooms");
        rooms.MapGet("", List).WithSummary("The rooms, or the archived rooms, with their last number, how many are present, and the last message").Produces<RoomData[]>().Requires(Operation.ListRooms);
        rooms.MapPost("", Create).WithSummary("Creates a room").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>(StatusCodes.Status201Created).Requires(Operation.CreateRoom);
        rooms.MapGet("{room}", Get).WithSummary("One room").Produces<RoomData>().Requires(Operation.ReadRoom);
        rooms.MapPatch("{room}", Change).WithSummary("Changes a room's topic, archives it, or unarchives it").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>().Requires(Operation.ReadRoom);
        rooms.MapDelete("{room}", Archive).WithSummary("Archives a room: it becomes read-only and leaves the list").RequireRateLimiting(HostingSetup.Writes).Produces<RoomData>().Requires(Operation.ArchiveRoom);
    }

    private static RoomList List(bool? archived, Visit visit, RoomDirectory directory, Readers readers) => new([.. directory.SeenBy(visit.Actor).OrderBy(room => room.Id)], archived ?? false, readers);

    private static async Task<IResult> Get(Visit visit, Readers readers) => Results.Bytes(await Describe(visit.Room, readers), "application/json");

    private static async Task<IResult> Create(NewRoom asked, HttpContext http, RoomDirectory directory, Readers readers, AddressRates rates, ServerOptions options)
    {
        if (asked.Name is null || !Names.TryNormalize(Encoding.UTF8.GetBytes(asked.Name), options.Limits.RoomNameChars, out var name))
            return Problems.Of(new(RefusalCode.BadRequest, $"`name` must be 1 to {options.Limits.RoomNameChars} characters, without control characters."));
        if (!HasAddress(name))
            return Problems.Of(new(RefusalCode.BadRequest, "`name` must not contain `/`, and must not be `.` or `..`."));
        if (TopicVerb.Check(asked.Topic ?? "", options.Limits) is { IsRefused: true } badTopic)
            return Problems.Of(badTopic);
        var rate = rates.Of(ClientAddress.Of(http));
        foreach (var window in new[] { Rate.Rooms, Rate.RoomsOfDay })
        {
            if (rate.Take(window) is { IsRefused: true } tooMany)
                return Problems.Of(tooMany);
        }

        var (room, refusal) = await directory.Create(name, Encoding.UTF8.GetBytes(asked.Topic ?? ""));
        return room is null
            ? Problems.Of(refusal)
            : new Created($"/api/rooms/{Uri.EscapeDataString(Encoding.UTF8.GetString(name))}", await Describe(room, readers));
    }

    private static Task<IResult> Archive(Visit visit, string? username, HttpContext http, Door door, RoomDirectory directory, Readers readers, AddressRates rates, ServerOptions options) =>
        Change(visit, new RoomPatch(null, true, username), http, door, directory, readers, rates, options);

    private static async Task<IResult> Change(Visit visit, RoomPatch asked, HttpContext http, Door door, RoomDirectory directory, Readers readers, AddressRates rates, ServerOptions options)
    {
        if (asked.Topic is null && asked.Archived is null)
            return Problems.Of(new(RefusalCode.BadRequest, "`topic` or `archived` is required."));
        if (TopicVerb.Check(asked.Topic ?? "", options.Limits) is { IsRefused: true } badTopic)
            return Problems.Of(badTopic);
        if (Actor.Guest(Encoding.UTF8.GetBytes(asked.Username ?? "guest"), options.Limits, out var actor) is { IsRefused: true } badName)
            return Problems.Of(badName);
        if (Door.Enter(visit.As(actor), Operation.SetTopic, out var topics) is { IsRefused: true } noTopic && asked.Topic is not null)
            return Problems.Of(noTopic);
        if (Door.Enter(visit.As(actor), Operation.ArchiveRoom, out var archives) is { IsRefused: true } noArchive && asked.Archived is not null)
            return Problems.Of(noArchive);
        if (rates.Of(ClientAddress.Of(http)).Take(Rate.Messages) is { IsRefused: true } tooMany)
            return Problems.Of(tooMany);

        // The topic while the room takes one: after it was taken back, before it is archived.
        if (asked.Archived == false && await directory.Archive(false, Store) is { IsRefused: true } notTaken)
            return Problems.Of(notTaken);
        if (asked.Topic is { } topic && (await door.Store(topics, ChangeKind.Topic, new Draft(0, Encoding.UTF8.GetBytes(topic)), default, allowance: null)).Refusal is { IsRefused: true } notSet)
            return Problems.Of(notSet);
        if (asked.Archived == true && await directory.Archive(true, Store) is { IsRefused: true } notArchived)
            return Problems.Of(notArchived);
        return Results.Bytes(await Describe(visit.Room, readers), "application/json");

        Task<Change> Store(ChangeKind kind) => door.Store(archives, kind, default, default, allowance: null);
    }

    // In a path, %2F stays what it is, so that a/b would be another room, called a%2Fb; and . and .. are taken out, even by clients.
    private static bool HasAddress(ReadOnlySpan<byte> name) => !name.Contains((byte)'/') && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    private static Task<byte[]> Describe(Room room, Readers readers) => readers.Query(reader =>
    {
        var bytes = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(bytes, s_options);
        Write(writer, room, reader.Room(room.Id), reader);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    });

    private static void Write(Utf8JsonWriter writer, Room room, RoomRow row, ILogReader reader)
    {
        var newest = History.Newest(reader, room, 1);
        writer.WriteStartObject();
        writer.WriteString("name"u8, row.Name);
        writer.WriteString("topic"u8, row.Topic);
        writer.WriteNumber("head"u8, row.Head);
        writer.WriteStartArray("pins"u8);
        foreach (var message in reader.PinsOf(room))
            writer.WriteNumberValue(message);
        writer.WriteEndArray();
        writer.WriteNumber("present"u8, room.Present);
        writer.WritePropertyName("last_message"u8);
        // The array of one, without its brackets.
        if (newest.Length > 2)
            writer.WriteRawValue(newest.AsSpan(1, newest.Length - 2), skipInputValidation: true);
        else
            writer.WriteNullValue();
        if (row.IsArchived)
            writer.WriteBoolean("archived"u8, true);
        writer.WriteEndObject();
    }

    private sealed class Created(string location, byte[] json) : IResult
    {
        public Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.Headers.Location = http.Request.PathBase + location;
            http.Response.ContentType = "application/json";
            return http.Response.Body.WriteAsync(json, http.RequestAborted).AsTask();
        }
    }

    // A last message may have 80 KiB with its HTML, so the list is written a few rooms at a time, as fast as it is read.
    private sealed class RoomList(Room[] rooms, bool areArchived, Readers readers) : IResult
    {
        private const int AtATime = 16;

        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = "application/json";
            var body = http.Response.Body;
            await body.WriteAsync("["u8.ToArray(), http.RequestAborted);
            var isFirst = true;
            for (var from = 0; from < rooms.Length; from += AtATime)
            {
                var (first, some) = (isFirst, rooms.AsMemory(from, Math.Min(AtATime, rooms.Length - from)));
                var written = await readers.Query(reader => Write(some.Span, first, reader));
                isFirst &= written.Length == 0;
                await body.WriteAsync(written, http.RequestAborted);
            }

            await body.WriteAsync("]"u8.ToArray(), http.RequestAborted);
        }

        private byte[] Write(ReadOnlySpan<Room> rooms, bool first, ILogReader reader)
        {
            var bytes = new ArrayBufferWriter<byte>(4096);
            using var writer = new Utf8JsonWriter(bytes, s_options);
            foreach (var room in rooms)
            {
                var row = reader.Room(room.Id);
                if (row.IsArchived != areArchived)
                    continue;
                if (!first)
                    bytes.Write(","u8);
                first = false;
                RoomEndpoints.Write(writer, room, row, reader);
                writer.Flush();
                writer.Reset();
            }

            return bytes.WrittenSpan.ToArray();
        }
    }
}
